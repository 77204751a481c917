"""
Licences: what the models and data sets in use allow, and the words with which to credit them. Not legal advice.

Follow the link before you rely on a line: publishers change their terms. Of a
model that the table does not know, it says so and guesses nothing.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Licence:
    """What somebody's work may be used for."""

    work: str
    licence: str
    commercial: str  # yes, no, or under which condition
    attribution: str  # to copy
    link: str

    @property
    def told(self) -> str:
        """All but the link, in one line."""
        terms = f"{self.work} ({self.licence}; commercial use: {self.commercial})"
        return f"{terms}: {self.attribution}" if self.attribution else terms


APACHE = "Apache-2.0"
YES = "yes"
_QWEN = "https://huggingface.co/Qwen/{name}"
_CITED = "Qwen Team, Alibaba Cloud: {name}, {licence}"

# Pattern of a Qwen model's name, its licence, and whether it may be used commercially; the first that fits counts.
_QWENS: tuple[tuple[str, str, str], ...] = (
    (r"Qwen-1[._]8B", "Tongyi Qianwen Research License", "no: research only"),
    (r"Qwen-(7|14|72)B", "Tongyi Qianwen License Agreement", "yes under 100 million monthly users; ask Alibaba above"),
    (r"Qwen2\.5(-Coder|-VL)?-3B", "Qwen Research License", "no: research only"),
    (r"Qwen2\.5(-VL)?-72B", "Qwen License Agreement", "yes under 100 million monthly users; ask Alibaba above"),
    (r"Qwen2-72B", "Tongyi Qianwen License Agreement", "yes under 100 million monthly users; ask Alibaba above"),
    (r"Qwen2-(0\.5|1\.5|7)B", APACHE, YES),
    (r"Qwen2\.5(-Coder)?-(0\.5|1\.5|7|14|32)B", APACHE, YES),
    (r"Qwen3-", APACHE, YES),
)
_BERTS = (
    Licence(
        "all-MiniLM-L6-v2",
        APACHE,
        YES,
        "Sentence-Transformers: all-MiniLM-L6-v2, Apache-2.0; Wang et al. (2020), MiniLM",
        "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
    ),
    Licence(
        "bert-base",
        APACHE,
        YES,
        "Google: BERT, Apache-2.0; Devlin et al. (2019), BERT: Pre-training of Deep Bidirectional Transformers",
        "https://huggingface.co/google-bert/bert-base-uncased",
    ),
    Licence(
        "bert_en_uncased",
        APACHE,
        YES,
        "Google: BERT (TensorFlow Hub), Apache-2.0; Devlin et al. (2019), BERT",
        "https://tfhub.dev/tensorflow/bert_en_uncased_L-12_H-768_A-12/4",
    ),
)
SEMEVAL = Licence(
    "SemEval-2018 Task 1 (E-c)",
    "terms of the task",
    "no: research only, not to be redistributed",
    "Mohammad, Bravo-Marquez, Salameh, Kiritchenko (2018), SemEval-2018 Task 1: Affect in Tweets",
    "https://competitions.codalab.org/competitions/17751",
)
GOEMOTIONS = Licence(
    "GoEmotions",
    "CC BY 4.0",
    YES,
    "Demszky et al. (2020), GoEmotions: A Dataset of Fine-Grained Emotions, CC BY 4.0",
    "https://github.com/google-research/google-research/tree/master/goemotions",
)
XED = Licence(
    "XED",
    "CC BY 4.0",
    YES,
    "Öhman, Pàmies, Kajava, Tiedemann (2020), XED: A Multilingual Dataset for Sentiment Analysis, CC BY 4.0",
    "https://github.com/Helsinki-NLP/XED",
)
SAMPLE = Licence("The sample of emoclf", "CC0 1.0", YES, "", "https://creativecommons.org/publicdomain/zero/1.0/")
DATA = (SEMEVAL, GOEMOTIONS, XED, SAMPLE)
CORPORA = {"goemotions": GOEMOTIONS, "xed": XED}  # by what the name of a corpus holds
TWEETS = {r"201[78]-En-\d+": SEMEVAL, r"sample-\d+": SAMPLE}  # by how the keys of tweets look
CITATIONS = {
    "Qwen": "Qwen Team (2024), Qwen2.5 Technical Report, arXiv:2412.15115; (2025), Qwen3, arXiv:2505.09388",
    "BERT": "Devlin, Chang, Lee, Toutanova (2019), BERT, NAACL; Wang et al. (2020), MiniLM, NeurIPS",
    "Labels": "Mohammad et al. (2018), SemEval-2018 Task 1: Affect in Tweets",
}


def licence_of_tweet(key: str) -> Licence | None:
    """The licence of the data set that a tweet's key tells of; None where it tells of none.

    >>> licence_of_tweet("sample-0001").licence, licence_of_tweet("t1")
    ('CC0 1.0', None)
    """
    return next((licence for pattern, licence in TWEETS.items() if re.fullmatch(pattern, key)), None)


def licence_of_corpus(name: str) -> Licence | None:
    """The licence of an auxiliary corpus by its name; None where the table does not know it."""
    return next((licence for part, licence in CORPORA.items() if part in name.lower()), None)


def licence_of(model: str) -> Licence | None:
    """The licence of a model by its URI or by the name that its suggestions carry; None where it is not in the table.

    >>> licence_of("hf:Qwen/Qwen2.5-3B-Instruct").commercial
    'no: research only'
    >>> licence_of("qwen2.5-coder-1.5b-instruct@0123abcd").licence, licence_of("hf:someone/other")
    ('Apache-2.0', None)
    """
    if found := re.search(r"qwen[\w.\-]*", model, re.IGNORECASE):
        rest = model[found.start() :]  # an owner of the same name stands before the model's own
        name = rest.partition("/")[2] if rest.lower().startswith("qwen/") else rest
        return _qwen(re.split(r"[@#/]", name)[0])
    return next((licence for licence in _BERTS if licence.work.lower() in model.lower()), None)


def _qwen(name: str) -> Licence | None:
    for pattern, licence, commercial in _QWENS:
        if re.match(pattern, name, re.IGNORECASE):
            attribution = _CITED.format(name=name, licence=licence)
            return Licence(name, licence, commercial, attribution, _QWEN.format(name=name))
    return None


def warning(model: str) -> str:
    """A sentence where a model's licence limits commercial use, or is not known; else empty.

    >>> warning("hf:Qwen/Qwen2.5-7B-Instruct")
    ''
    """
    if model.startswith("scripted:"):
        return ""
    found = licence_of(model)
    if found is None:
        return "emoclf does not know the licence of this model. Read it before you use the model's output."
    if found.commercial == YES:
        return ""
    return f"{found.work} is under the {found.licence}. Commercial use: {found.commercial}."
