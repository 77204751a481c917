"""
Detects whether a tweet is English, by the most frequent words of several languages.

It needs no dictionary and no model, only a few function words per language. A text in another script, or with more
words of another language than of English, is not English. A text without any of these words counts as English if its
letters are plain ("congrats champion"). The test is meant for the output of language models, not for distinguishing
languages in general.
"""

import re

_ENGLISH_WORDS = (
    "the a an and or but of to in on at for with from by is are was were be been am do does did have has had i you he "
    "she it we they me him her us them my your his its our their this that these those not no so just all what when "
    "who how why there here if then than as can could will would should about out up over after before again more "
    "some any every never always really very too still now today one because into get got go going know think like "
    "love day time people good new im dont cant its thats lets"
)
_OTHER_WORDS = (
    # Spanish, Portuguese, French, Italian, German, Dutch, Swedish, Polish, Indonesian, Turkish, Tagalog
    "el la los las un una unos unas y que de del en por para con sin es esta este esto estoy soy muy pero como cuando "
    "mi mis tu tus su sus se lo le nos hoy siempre nunca gracias amigos qué más también porque todo todos "
    "o os um uma uns e não nao em no na do da dos das com sem é está isso muito mas meu minha você voce eu ele ela "
    "le les des du au aux et est sont je il elle nous vous ils ne pas plus très tres avec sans pour dans sur mon ma "
    "mes ton ta ce cette c'est j'ai qui où "
    "il gli di che non è sono ho mio mia molto con per una questo questa anche "
    "der die das den dem ein eine einen und oder aber ist sind war ich du er sie wir ihr nicht kein mit von zu auf "
    "für fur im am bei nach sehr auch noch immer heute mein meine dein wie wenn "
    "het een en van ik je hij zij wij niet met voor op naar maar ook nog mijn jouw zo "
    "och att det som är jag inte med för på av till har han hon vi så men min "
    "i w z na jest się nie że to jak ale dla od po już tak mnie bardzo "
    "yang dan di itu ini tidak dengan untuk aku kamu saya ada juga sangat bir bu ve çok için ama ben sen "
    "ang ng mga sa ko mo ako ikaw siya hindi na at ay"
)
_ENGLISH, _OTHERS = set(_ENGLISH_WORDS.split()), set(_OTHER_WORDS.split())
_EITHER = _ENGLISH & _OTHERS  # "me", "no", "a", "die", "so": shared words are not informative
_MOST_FOREIGN = 0.15  # share of letters outside ASCII, not counting emoji


def is_english(text: str) -> bool:
    """Return whether a tweet is in English.

    >>> is_english("so proud of my little sister today"), is_english("estoy muy feliz con mi familia")
    (True, False)
    """
    plain = re.sub(r"https?://\S+|[@#]\w+", " ", text.lower().replace("’", "'"))
    letters = [sign for sign in plain if sign.isalpha()]
    if not letters:
        return False
    if sum(not sign.isascii() for sign in letters) > _MOST_FOREIGN * len(letters):
        return False
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", plain)
    english, foreign = (sum(word in known - _EITHER for word in words) for known in (_ENGLISH, _OTHERS))
    contracted = sum(bool(re.search(r"\w'(?:s|t|m|re|ve|ll|d)$", word)) for word in words)
    return english + contracted >= foreign
