-- One row per text (token, lower case) by which a user agent shows what fetched: a sign of staging.machine_evidence.
-- engagements.sql looks for all of them at once: its pattern and this list change together, which a test holds.
-- Seen: Google's and Yahoo's proxies and Gmail's prefetch (Chrome 42 with Edge 12.246; SparkPost, "Gmail is prefetching
-- images", 2021), Barracuda Sentinel, the libraries and the link previews (GMass's list of false opens, and Braze's and
-- other tools' lists of bots). The other scanners' names are the makers' own, unverified.
-- Not here, as people read with them too: okhttp, Dalvik, CFNetwork, dataaccessd, Microsoft Office, Outlook.
select
    t.token,
    t.evidence,
    t.label
from (
    values
    ('googleimageproxy', 'image_proxy', 'Gmail''s image proxy'), ('yahoomailproxy', 'image_proxy', 'Yahoo''s proxy'),
    ('edge/12.246 mozilla/5.0', 'prefetch', 'Gmail''s prefetch'), ('yahoocachesystem', 'prefetch', 'Yahoo''s cache'),
    ('bingpreview', 'prefetch', 'Bing preview'),
    ('barracuda', 'scanner_agent', 'Barracuda'), ('proofpoint', 'scanner_agent', 'Proofpoint'),
    ('urldefense', 'scanner_agent', 'Proofpoint'), ('mimecast', 'scanner_agent', 'Mimecast'),
    ('ironport', 'scanner_agent', 'Cisco'), ('ciscosecureemail', 'scanner_agent', 'Cisco'),
    ('symantec', 'scanner_agent', 'Symantec'), ('messagelabs', 'scanner_agent', 'Symantec'),
    ('forcepoint', 'scanner_agent', 'Forcepoint'), ('fortiguard', 'scanner_agent', 'Fortinet'),
    ('fortimail', 'scanner_agent', 'Fortinet'), ('sophos', 'scanner_agent', 'Sophos'),
    ('trendmicro', 'scanner_agent', 'Trend Micro'), ('trend micro', 'scanner_agent', 'Trend Micro'),
    ('fireeye', 'scanner_agent', 'Trellix'), ('trellix', 'scanner_agent', 'Trellix'),
    ('zscaler', 'scanner_agent', 'Zscaler'), ('vadesecure', 'scanner_agent', 'Vade'),
    ('hornetsecurity', 'scanner_agent', 'Hornetsecurity'), ('avanan', 'scanner_agent', 'Check Point'),
    ('spamtitan', 'scanner_agent', 'SpamTitan'), ('headlesschrome', 'scanner_agent', 'a browser without a screen'),
    ('phantomjs', 'scanner_agent', 'a browser without a screen'),
    ('puppeteer', 'scanner_agent', 'a browser without a screen'),
    ('playwright', 'scanner_agent', 'a browser without a screen'),
    ('selenium', 'scanner_agent', 'a browser without a screen'), ('python', 'scanner_agent', 'a program'),
    ('aiohttp', 'scanner_agent', 'a program'), ('curl/', 'scanner_agent', 'a program'),
    ('wget', 'scanner_agent', 'a program'), ('java/', 'scanner_agent', 'a program'),
    ('apache-httpclient', 'scanner_agent', 'a program'), ('go-http-client', 'scanner_agent', 'a program'),
    ('libwww-perl', 'scanner_agent', 'a program'), ('lua-resty-http', 'scanner_agent', 'a program'),
    ('ahc/', 'scanner_agent', 'a program'), ('node-fetch', 'scanner_agent', 'a program'),
    ('axios/', 'scanner_agent', 'a program'), ('jetty', 'scanner_agent', 'a program'),
    ('hubspot connect', 'scanner_agent', 'a program'), ('amazon cloudfront', 'scanner_agent', 'a program'),
    ('w3c-checklink', 'scanner_agent', 'a program'), ('slackbot', 'scanner_agent', 'a link preview'),
    ('facebookexternal', 'scanner_agent', 'a link preview'), ('twitterbot', 'scanner_agent', 'a link preview'),
    ('linkedinbot', 'scanner_agent', 'a link preview'), ('whatsapp/', 'scanner_agent', 'a link preview'),
    ('telegrambot', 'scanner_agent', 'a link preview'), ('discordbot', 'scanner_agent', 'a link preview'),
    ('skypeuripreview', 'scanner_agent', 'a link preview'), ('snap url preview', 'scanner_agent', 'a link preview'),
    ('googlebot', 'scanner_agent', 'a search engine'), ('bingbot', 'scanner_agent', 'a search engine'),
    ('yandexbot', 'scanner_agent', 'a search engine')
) as t (token, evidence, label)
