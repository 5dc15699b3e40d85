-- One row per sign that a machine, or a person, opened or clicked, with what it adds to the score of marts.engagements.
-- From a score of 0.6 an open or click is a machine's: one strong sign is enough, of the weak ones it takes two, and a
-- weak one loses against SES's own word that a person did it. The reason is the sign that weighs most, and
-- what it is before what SES calls it.
-- The weights are ours, set from what other senders' tools found; nobody publishes measured ones.
select
    t.evidence,
    t.weight::decimal(3, 2) as weight,
    t.applies_to,
    t.label,
    t.meaning
from (
    values
    (
        'scanner_agent', 1.0, 'opens and clicks', 'Scanner or program',
        'the user agent names a security scanner, a program without a reader, or a link preview'
    ),
    (
        'apple_privacy', 1.0, 'opens', 'Apple Mail Privacy Protection',
        'the user agent is `Mozilla/5.0` and nothing more: Apple fetches whether or not the mail is read'
    ),
    (
        'prefetch', 1.0, 'opens and clicks', 'Fetched before anybody could read',
        'before the provider had taken the mail, within a second of it, or by a user agent that fetches images early'
    ),
    (
        'bot_event', 1.0, 'opens and clicks', 'SES calls it a bot',
        'SES calls it likely to be a bot (`isBotEvent`)'
    ),
    (
        'scanner_network', 0.8, 'opens and clicks', 'Network of a security vendor',
        'the address belongs to a maker of mail security'
    ),
    ('click_burst', 0.8, 'clicks', 'Burst of clicks', 'five clicks, or three different links, within a second'),
    (
        'all_links', 0.6, 'clicks', 'All links at once',
        'three or more different links within ten seconds, and no click before or after'
    ),
    (
        'shared_ip', 0.6, 'clicks', 'One address for many companies',
        'the address clicked for five recipients in at least three companies within one minute'
    ),
    ('data_centre', 0.6, 'clicks', 'Data centre', 'the address belongs to a data centre, where few people sit'),
    (
        'image_proxy', 0.0, 'opens', 'Image proxy of Gmail or Yahoo',
        'the provider fetched the image when a person opened the mail: a person''s open'
    ),
    (
        'judged_human', -0.2, 'opens and clicks', 'SES calls it a person',
        'SES calls it unlikely to be a bot (`isBotEvent`)'
    )
) as t (evidence, weight, applies_to, label, meaning)
