-- One row per word or host name (token) by which a mail server tells whose it is in its SMTP response, in the
-- diagnostic of a bounce or delay, or as the reporting host of a bounce: an isp, or a security gateway in front of one.
-- A token with dots is a host name, whatever stands before it; all are lower case. They speak of domains that are not
-- in isp_domains: gsmtp on a company's own domain is Google Workspace, on gmail.com it is Gmail.
-- attributed_events.sql looks for all of them at once: its pattern and this list change together, which a test holds.
-- Seen in public collections of responses (Sisimai's and the SMTP Field Manual's): Google, Microsoft, Zoho, Mail.ru,
-- Yandex, Tencent and Mimecast; the others are the providers' own host names, common knowledge, unverified.
-- Not here: barracudacentral.org, a block list that any server may ask.
select
    t.token,
    t.isp,
    t.gateway
from (
    values
    ('aliyun.com', 'Alibaba Mail', null), ('mxhichina.com', 'Alibaba Mail', null),
    ('awsapps.com', 'Amazon WorkMail', null), ('fastmail.com', 'Fastmail Business', null),
    ('messagingengine.com', 'Fastmail Business', null), ('gandi.net', 'Gandi', null),
    ('secureserver.net', 'GoDaddy', null), ('googlemail.com', 'Google Workspace', null),
    ('gsmtp', 'Google Workspace', null), ('home.pl', 'home.pl', null), ('hostinger.com', 'Hostinger', null),
    ('icloud.com', 'iCloud Custom Domain', null), ('infomaniak.ch', 'Infomaniak', null),
    ('serverdata.net', 'Intermedia', null), ('ionos.com', 'IONOS', null), ('kundenserver.de', 'IONOS', null),
    ('perfora.net', 'IONOS', null), ('worksmobile.com', 'LINE WORKS', null),
    ('prod.outlook.com', 'Microsoft 365', null), ('protection.outlook.com', 'Microsoft 365', null),
    ('migadu.com', 'Migadu', null), ('privateemail.com', 'Namecheap', null), ('mail.163.com', 'NetEase Qiye', null),
    ('qiye.163.com', 'NetEase Qiye', null), ('mail.ovh.net', 'OVH', null), ('proton.me', 'Proton Business', null),
    ('protonmail.ch', 'Proton Business', null), ('emailsrvr.com', 'Rackspace', null), ('rzone.de', 'Strato', null),
    ('qq.com', 'Tencent Exmail', null), ('titan.email', 'Titan', null), ('mail.ru', 'VK WorkSpace', null),
    ('yandex.net', 'Yandex 360', null), ('yandex.ru', 'Yandex 360', null), ('zoho.com', 'Zoho Workplace', null),
    ('zoho.eu', 'Zoho Workplace', null), ('zoho.in', 'Zoho Workplace', null), ('arsmtp.com', null, 'AppRiver'),
    ('barracudanetworks.com', null, 'Barracuda'), ('ess.barracudanetworks.com', null, 'Barracuda'),
    ('iphmx.com', null, 'Cisco'), ('mx.cloudflare.net', null, 'Cloudflare'), ('mxrecord.io', null, 'Cloudflare'),
    ('mailcontrol.com', null, 'Forcepoint'), ('antispameurope.com', null, 'Hornetsecurity'),
    ('hornetsecurity.com', null, 'Hornetsecurity'), ('vadesecure.com', null, 'Hornetsecurity Vade'),
    ('mailchannels.com', null, 'MailChannels'), ('mailchannels.net', null, 'MailChannels'),
    ('mimecast.co.za', null, 'Mimecast'), ('mimecast.com', null, 'Mimecast'), ('mimecast.lan', null, 'Mimecast'),
    ('antispamcloud.com', null, 'N-able'), ('spamexperts.com', null, 'N-able'), ('pphosted.com', null, 'Proofpoint'),
    ('proofpoint.com', null, 'Proofpoint'), ('ppe-hosted.com', null, 'Proofpoint Essentials'),
    ('retarus.com', null, 'Retarus'), ('hydra.sophos.com', null, 'Sophos'), ('reflexion.net', null, 'Sophos'),
    ('spamhero.com', null, 'SpamHero'), ('spamtitan.com', null, 'SpamTitan'), ('messagelabs.com', null, 'Symantec'),
    ('messagelabs.net', null, 'Symantec'), ('fireeyecloud.com', null, 'Trellix'),
    ('trendmicro.com', null, 'Trend Micro'), ('trendmicro.eu', null, 'Trend Micro')
) as t (token, isp, gateway)
