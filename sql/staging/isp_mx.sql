-- One row per ending of a mail exchanger's host name (MX) that tells whose it is: an isp, or a security gateway.
-- An ending of two to four labels, lower case; it speaks for the name itself and for every name below it.
-- Common knowledge among senders, from the providers' own set-up instructions; not checked against each one's pages.
-- amazonaws.com takes mail for WorkMail and for SES receiving alike; what stands behind a gateway the MX does not tell.
select
    t.suffix,
    t.isp,
    t.gateway
from (
    values
    ('mxhichina.com', 'Alibaba Mail', null), ('qiye.aliyun.com', 'Alibaba Mail', null),
    ('amazonaws.com', 'Amazon WorkMail', null), ('awsapps.com', 'Amazon WorkMail', null),
    ('aruba.it', 'Aruba Business', null), ('beget.com', 'Beget', null), ('comcast.net', 'Comcast', null),
    ('dreamhost.com', 'DreamHost', null), ('messagingengine.com', 'Fastmail Business', null),
    ('gandi.net', 'Gandi', null), ('secureserver.net', 'GoDaddy', null), ('google.com', 'Google Workspace', null),
    ('googlemail.com', 'Google Workspace', null), ('hiworks.co.kr', 'Hiworks', null), ('home.pl', 'home.pl', null),
    ('hostinger.com', 'Hostinger', null), ('icloud.com', 'iCloud Custom Domain', null),
    ('infomaniak.ch', 'Infomaniak', null), ('serverdata.net', 'Intermedia', null), ('1and1.co.uk', 'IONOS', null),
    ('1and1.com', 'IONOS', null), ('ionos.co.uk', 'IONOS', null), ('ionos.com', 'IONOS', null),
    ('ionos.de', 'IONOS', null), ('kundenserver.de', 'IONOS', null), ('perfora.net', 'IONOS', null),
    ('worksmobile.com', 'LINE WORKS', null), ('locaweb.com.br', 'Locaweb', null), ('loopia.se', 'Loopia', null),
    ('mailbox.org', 'Mailbox.org Business', null), ('mailo.com', 'Mailo', null),
    ('mail.protection.outlook.com', 'Microsoft 365', null), ('mx.microsoft', 'Microsoft 365', null),
    ('migadu.com', 'Migadu', null), ('privateemail.com', 'Namecheap', null),
    ('registrar-servers.com', 'Namecheap', null), ('mxmail.netease.com', 'NetEase Qiye', null),
    ('qiye.163.com', 'NetEase Qiye', null), ('one.com', 'one.com', null),
    ('olc.protection.outlook.com', 'Outlook', null), ('ovh.net', 'OVH', null),
    ('protonmail.ch', 'Proton Business', null), ('emailsrvr.com', 'Rackspace', null),
    ('register.it', 'Register.it', null), ('sakura.ne.jp', 'Sakura Internet', null), ('rzone.de', 'Strato', null),
    ('exmail.qq.com', 'Tencent Exmail', null), ('mxbiz1.qq.com', 'Tencent Exmail', null),
    ('mxbiz2.qq.com', 'Tencent Exmail', null), ('timeweb.ru', 'Timeweb', null), ('titan.email', 'Titan', null),
    ('transip.email', 'TransIP', null), ('mail.ru', 'VK WorkSpace', null), ('yahoodns.net', 'Yahoo', null),
    ('yandex.net', 'Yandex 360', null), ('yandex.ru', 'Yandex 360', null), ('zoho.com', 'Zoho Workplace', null),
    ('zoho.com.au', 'Zoho Workplace', null), ('zoho.eu', 'Zoho Workplace', null), ('zoho.in', 'Zoho Workplace', null),
    ('zoho.jp', 'Zoho Workplace', null), ('zohomail.com', 'Zoho Workplace', null), ('altospam.com', null, 'Altospam'),
    ('arsmtp.com', null, 'AppRiver'), ('barracudanetworks.com', null, 'Barracuda'), ('iphmx.com', null, 'Cisco'),
    ('mx.cloudflare.net', null, 'Cloudflare'), ('mxrecord.io', null, 'Cloudflare'),
    ('mailcontrol.com', null, 'Forcepoint'), ('antispameurope.com', null, 'Hornetsecurity'),
    ('hornetdmarc.com', null, 'Hornetsecurity'), ('hornetsecurity.com', null, 'Hornetsecurity'),
    ('vadesecure.com', null, 'Hornetsecurity Vade'), ('esvacloud.com', null, 'Libraesva'),
    ('mailchannels.net', null, 'MailChannels'), ('mailinblack.com', null, 'Mailinblack'),
    ('mimecast-offshore.com', null, 'Mimecast'), ('mimecast.co.za', null, 'Mimecast'),
    ('mimecast.com', null, 'Mimecast'), ('antispamcloud.com', null, 'N-able'),
    ('mailspamprotection.com', null, 'N-able'), ('spamexperts.com', null, 'N-able'),
    ('spamexperts.eu', null, 'N-able'), ('pphosted.com', null, 'Proofpoint'),
    ('ppe-hosted.com', null, 'Proofpoint Essentials'), ('retarus.com', null, 'Retarus'),
    ('securence.com', null, 'Securence'), ('reflexion.net', null, 'Sophos'), ('sophos.com', null, 'Sophos'),
    ('spamhero.com', null, 'SpamHero'), ('spamtitan.com', null, 'SpamTitan'), ('messagelabs.com', null, 'Symantec'),
    ('fireeyecloud.com', null, 'Trellix'), ('fireeyegov.com', null, 'Trellix'),
    ('trendmicro.com', null, 'Trend Micro'), ('trendmicro.eu', null, 'Trend Micro'), ('electric.net', null, 'VIPRE')
) as t (suffix, isp, gateway)
