"""Strings for tokenizers and text encoders: plain, and hostile ones."""

import random

PLAIN = [
    "a photo of a cat", "a video of fighting", "a video of an explosion", "road accident",
    "a car hits a cyclist at the crossing", "normal activity on a quiet street",
    "two men push each other near the door", "someone breaks the window of a parked car",
    "shoplifting", "stealing", "a robbery at a petrol station", "vandalism", "arson", "burglary",
    "a person falls down the stairs", "people walk in the rain", "an empty corridor at night",
    "smoke rises behind the building", "the bus stops and people get on", "abuse", "assault",
    "a crowd runs away from the square", "police arrest a man", "shooting in the street",
    "a dog crosses the road", "children play football", "a man in a red jacket snatches a bag",
    "the camera does not move", "bright flash, then fire", "a truck overturns on the highway",
    "In a restaurant, a group of people get into a violent conflict that escalated into a fight, "
    "leaving several people injured on the ground.",
    "Traffic flows normally at dusk; headlights are on.", "nothing happens", "a", "I",
    "At 12.5 s a large moving region appears in the lower left and leaves at 18.0 s.",
    "3 people, 2 cars and 1 bicycle", "It's what they've said: we'll see, I'm sure he'd go.",
    "RoadAccidents002_x264.mp4", "surveillance footage, 320x240, 30 fps", "MOTION!!! MOTION!!!",
    "ein Mann läuft über die Straße", "un incendie s'est déclaré à l'hôtel", "поджог автомобиля",
    "两个人在街上打架", "路上で車が衝突する", "거리에서 사람들이 싸운다", "حادث سير", "火 fire 火",
    "a video of a fight 🥊🔥", "☎️ call 911", "naïve façade, coöperate, Ångström, İstanbul, ǅ",
    "the quick brown fox jumps over the lazy dog", "THE QUICK BROWN FOX", "e-mail: a.b@c.de",
    "first, second; third: fourth", "fire " * 30, "x" * 120, "smoke\tand\nflames", "half-open door",
    "people fighting in a car park", "people fighting in a cat park", "a bag left on a platform",
    "the light goes out", "a man sleeps on a bench",
]

SPECIALS = [
    "", " ", "\t\n", "\u3000\u00a0\u2003", "'", "''", "'s", "'S", "''s", "!'s", "don't", "DON'T",
    "we're they've I'm he'll she'd", "'re've'm", "’s it’s", "rock'n'roll", "1234567890", "3.14e-10",
    "x86_64", "٣٤٥", "Ⅷ ½ ²", "１２３ ａｂｃ", "a\u0301e\u0301 \u0301", "\u1e9b\u0323", "ﬁ ﬂ ﬀ", "ẞ ß ŉ",
    "İI ıi", "Σίσυφος ΣΑΣ", "ǆ ǅ Ǆ", "Å Å Å", "가 가 각", "ᄀ\u1161\u11a8", "क्षि नमस्ते", "ไทย ภาษา",
    "שָׁלוֹם", "ﷺ ﷽", "日本語とEnglish混在", "㐀𠀀豈", "👨‍👩‍👧‍👦", "👍🏽 🇩🇪 🏴\U000e0067\U000e0062\U000e007f", "❤️ ❤", "🥰🫠🪿🫩",
    "\u200b\u200c\u200d\u2060\ufeff", "soft\u00adhyphen", "\u202eabc\u202c", "a\u0000b", "\u0001\u0002\u001f\u007f",
    "\u0085\u2028\u2029", "\u001c\u001d\u001e\u001f", "\ufffd\uffff\ufffe", "\ue000\U000f0000\U0010ffff",
    "\u0378\u0890\u08e2", "<|startoftext|>", "<|endoftext|>", "a <|endoftext|> b", "<|STARTOFTEXT|>",
    "x<|startoftext|>y<|endoftext|>z", "<|STARTOFTEXT|>!!", "!<|ENDOFTEXT|>?", "<|EndOfText|><|ENDOFTEXT|>", "<|endoftext", "[CLS] [SEP]", "[MASK][PAD]x[UNK]", "[mask]",
    "a[SEP]b", "##ing ing", "[ MASK ]", "@#$%^&*()_+{}|:\"<>?~`-=[]\\;',./", "…—–“”„«»¿¡", "٪؛،؟",
    "\u0c84\u2e43\u1b4e\u166d\U000111c9", "a-b_c.d,e;f", "$5 €5 ¥5 £5 ₿5", "x²+y³=z⁴", "∑∏∫√∞≈≠≤≥", "①②③ ㊙ ㍿",
    "ℵℶ ℝℂ 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝓼𝓬𝓻𝓲𝓹𝓽", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞", "\u1734\u1714 ᜌ᜔", "ᏣᎳᎩ ꭰꭱ", "Ა ა", "𐐀 𐐨",
    "\U00016d40\U000105c0\U00010940\U000323b0", "\U0001e5f1\U00016130\U00011de0", "a\u0300\u0301\u0302\u0303", "e\u0327\u0301",
    "supercalifragilisticexpialidocious", "antidisestablishmentarianism " * 12, "a" * 99, "a" * 100, "a" * 101,
    "é" * 100, "e\u0301" * 60, "한국어" * 40, "😀" * 40, "the " * 100, "0" * 200, "!" * 150, "ab" * 300,
]

POOL = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789     '\"!?.,;:-_/()\t\n"
    "éèüößñçÅØæœŁđāăąćčďęěğıİΑΒΓαβγςσΩЖжЯяЁё中文字日本語한국ابجहिन्दีไทยשלום"
    "\u0301\u0308\u0327\u0345\u0483\u064b\u093c\u0e34\u20dd\ufe0f\u200d\u00a0\u2009\u3000\u200b"
    "😀🔥🚗👍🏽🇩🇪①½²Ⅷ٣€$+=<>|^~`@#%&*…—“”’«»「」、。！？\u0000\u0007\u007f\u0085\u00ad\ufeff\ue000\ufffd"
)


def hostile(count, seed=11):
    """The listed strings, then random ones from a pool of every kind of character."""
    r = random.Random(seed)
    made = []
    for index in range(count - len(SPECIALS)):
        if index % 3 == 0:
            words = " ".join(PLAIN).split(" ")
            made.append("".join(r.choice(words) + r.choice([" ", "", "  ", "'", "-", "\u0301", "🔥", "7"])
                                for _ in range(r.randint(1, 9))))
        elif index % 3 == 1:
            made.append("".join(r.choice(POOL) for _ in range(r.randint(1, 30))))
        else:
            points = [r.choice([r.randint(1, 0x2FF), r.randint(0x300, 0x2FFF), r.randint(0x3000, 0xD7FF),
                                r.randint(0xE000, 0x1FFFF)]) for _ in range(r.randint(1, 12))]
            made.append("".join(map(chr, points)))
    return SPECIALS + made
