-- One row per mailbox provider (isp), by region; Other stands for every domain that is in no list.
-- can_complain: its complaints are taken to reach Amazon SES as Complaint events. AWS publishes no list of such
-- providers. Known from AWS: Gmail gives SES no complaint data; known from Apple: iCloud has no feedback loop.
-- Google Workspace is taken as Gmail, Microsoft 365 as having none. The others are true only where the provider is
-- known to run a public feedback loop (ARF), and are unverified beyond that: that SES is enrolled is nowhere written.
-- False with 'unknown' is no proof of the opposite: a provider also counts as capable once it has complained.
-- AT&T, Cox, Frontier, Rogers and Sky have, or had, their mailboxes at Yahoo; whether its loop covers them is
-- unverified, so they are false.
-- feedback_source: CFL (Yahoo's, by DKIM domain), JMRP (Microsoft's, for consumers), Validity (loops run through its
-- universal feedback loop), Signal Spam (France), own (the provider's own programme), none, or unknown.
-- Which programme runs a loop is common knowledge among senders, not checked against the provider's own pages.
-- The region is where most of its readers are, not who owns it.
select
    t.isp,
    t.can_complain,
    t.region,
    t.feedback_source
from (
    values
    ('Apple', false, 'Global', 'none'), ('DuckDuckGo', false, 'Global', 'unknown'),
    ('Fastmail', true, 'Global', 'Validity'), ('Firefox Relay', false, 'Global', 'unknown'),
    ('Gmail', false, 'Global', 'none'), ('Google Workspace', false, 'Global', 'none'),
    ('Hey', false, 'Global', 'unknown'), ('Hushmail', false, 'Global', 'unknown'),
    ('Lycos', false, 'Global', 'unknown'), ('Microsoft 365', false, 'Global', 'none'),
    ('Other', false, 'Global', 'unknown'), ('Outlook', true, 'Global', 'JMRP'), ('Proton', false, 'Global', 'unknown'),
    ('Riseup', false, 'Global', 'unknown'), ('SimpleLogin', false, 'Global', 'unknown'),
    ('Yahoo', true, 'Global', 'CFL'), ('Zoho', true, 'Global', 'Validity'),
    ('Optus', false, 'Australia', 'unknown'), ('TPG', false, 'Australia', 'unknown'),
    ('Telstra', false, 'Australia', 'unknown'), ('iiNet', false, 'Australia', 'unknown'),
    ('A1', false, 'Austria', 'unknown'),
    ('Proximus', false, 'Belgium', 'unknown'), ('Telenet', true, 'Belgium', 'Validity'),
    ('BOL', true, 'Brazil', 'Validity'), ('Globo', false, 'Brazil', 'unknown'), ('Terra', true, 'Brazil', 'Validity'),
    ('UOL', true, 'Brazil', 'Validity'), ('iG', false, 'Brazil', 'unknown'),
    ('Abv.bg', false, 'Bulgaria', 'unknown'), ('Mail.bg', false, 'Bulgaria', 'unknown'),
    ('Alibaba', false, 'China', 'unknown'), ('China Mobile', false, 'China', 'unknown'),
    ('China Telecom', false, 'China', 'unknown'), ('NetEase', false, 'China', 'unknown'),
    ('QQ', false, 'China', 'unknown'), ('Sina', false, 'China', 'unknown'), ('Sohu', false, 'China', 'unknown'),
    ('Centrum.cz', false, 'Czechia', 'unknown'), ('Seznam', false, 'Czechia', 'unknown'),
    ('UPC', false, 'Europe', 'unknown'),
    ('Bouygues', false, 'France', 'unknown'), ('Free', false, 'France', 'unknown'),
    ('La Poste', true, 'France', 'Signal Spam'), ('Orange', true, 'France', 'Signal Spam'),
    ('SFR', true, 'France', 'Signal Spam'),
    ('GMX', false, 'Germany', 'unknown'), ('Mailbox.org', false, 'Germany', 'unknown'),
    ('Posteo', false, 'Germany', 'unknown'), ('T-Online', false, 'Germany', 'unknown'),
    ('Tuta', false, 'Germany', 'unknown'), ('Vodafone Germany', false, 'Germany', 'unknown'),
    ('freenet', false, 'Germany', 'unknown'),
    ('Citromail', false, 'Hungary', 'unknown'), ('Freemail.hu', false, 'Hungary', 'unknown'),
    ('Rediffmail', false, 'India', 'unknown'),
    ('Walla', false, 'Israel', 'unknown'),
    ('Aruba', false, 'Italy', 'unknown'), ('Libero', true, 'Italy', 'Validity'), ('TIM', false, 'Italy', 'unknown'),
    ('Tiscali', false, 'Italy', 'unknown'),
    ('BIGLOBE', false, 'Japan', 'unknown'), ('Docomo', false, 'Japan', 'unknown'),
    ('NIFTY', false, 'Japan', 'unknown'), ('OCN', false, 'Japan', 'unknown'), ('So-net', false, 'Japan', 'unknown'),
    ('SoftBank', false, 'Japan', 'unknown'), ('Yahoo! JAPAN', false, 'Japan', 'unknown'),
    ('au', false, 'Japan', 'unknown'),
    ('Inbox.lv', false, 'Latvia', 'unknown'),
    ('Disroot', false, 'Netherlands', 'unknown'), ('KPN', false, 'Netherlands', 'unknown'),
    ('Ziggo', true, 'Netherlands', 'Validity'),
    ('Xtra', false, 'New Zealand', 'unknown'),
    ('AT&T', false, 'North America', 'unknown'), ('Bell', false, 'North America', 'unknown'),
    ('CenturyLink', false, 'North America', 'unknown'), ('Cogeco', false, 'North America', 'unknown'),
    ('Comcast', true, 'North America', 'Validity'), ('Cox', false, 'North America', 'unknown'),
    ('EarthLink', false, 'North America', 'unknown'), ('Frontier', false, 'North America', 'unknown'),
    ('Juno', false, 'North America', 'unknown'), ('Optimum', false, 'North America', 'unknown'),
    ('Rogers', false, 'North America', 'unknown'), ('Shaw', false, 'North America', 'unknown'),
    ('Spectrum', true, 'North America', 'Validity'), ('Telus', false, 'North America', 'unknown'),
    ('Videotron', false, 'North America', 'unknown'), ('Windstream', false, 'North America', 'unknown'),
    ('Runbox', false, 'Norway', 'unknown'), ('Telenor', true, 'Norway', 'Validity'),
    ('Gazeta.pl', false, 'Poland', 'unknown'), ('Interia', false, 'Poland', 'unknown'),
    ('Onet', false, 'Poland', 'unknown'), ('WP', false, 'Poland', 'unknown'), ('o2.pl', false, 'Poland', 'unknown'),
    ('Sapo', false, 'Portugal', 'unknown'),
    ('Mail.ru', true, 'Russia', 'own'), ('Rambler', false, 'Russia', 'unknown'), ('Yandex', true, 'Russia', 'own'),
    ('Azet', false, 'Slovakia', 'unknown'), ('Zoznam', false, 'Slovakia', 'unknown'),
    ('Kakao', false, 'South Korea', 'unknown'), ('Nate', false, 'South Korea', 'unknown'),
    ('Naver', false, 'South Korea', 'unknown'),
    ('Telefonica', false, 'Spain', 'unknown'),
    ('Telia', false, 'Sweden', 'unknown'),
    ('Sunrise', false, 'Switzerland', 'unknown'), ('Swisscom', false, 'Switzerland', 'unknown'),
    ('I.UA', false, 'Ukraine', 'unknown'), ('Ukr.net', false, 'Ukraine', 'unknown'),
    ('BT', false, 'United Kingdom', 'unknown'), ('PlusNet', false, 'United Kingdom', 'unknown'),
    ('Sky', false, 'United Kingdom', 'unknown'), ('TalkTalk', false, 'United Kingdom', 'unknown'),
    ('Virgin Media', true, 'United Kingdom', 'Validity')
) as t (isp, can_complain, region, feedback_source)
