"""
The licences of models and data sets, and how to credit them. Not legal advice.

Check the link before relying on an entry: publishers change their terms. The licence of a model that is not in the
table is reported as unknown.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Licence:
    """The terms of use of a model or data set."""

    work: str
    licence: str
    commercial: str  # yes, no, or the condition
    attribution: str  # the text to copy
    link: str

    @property
    def in_words(self) -> str:
        """Everything except the link, in one line."""
        terms = f"{self.work} ({self.licence}; commercial use: {self.commercial})"
        return f"{terms}: {self.attribution}" if self.attribution else terms


APACHE = "Apache-2.0"
YES = "yes"
_QWEN = "https://huggingface.co/Qwen/{name}"
_CITED = "Qwen Team, Alibaba Cloud: {name}, {licence}"

# Pattern of a Qwen model's name, its licence, and whether commercial use is allowed; the first match applies.
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
CORPORA = {"goemotions": GOEMOTIONS, "xed": XED}  # by a part of the corpus's name
TWEETS = {r"201[78]-En-\d+": SEMEVAL, r"sample-\d+": SAMPLE}  # by the pattern of the tweets' keys
CITATIONS = {
    "Qwen": "Qwen Team (2024), Qwen2.5 Technical Report, arXiv:2412.15115; (2025), Qwen3, arXiv:2505.09388",
    "BERT": "Devlin, Chang, Lee, Toutanova (2019), BERT, NAACL; Wang et al. (2020), MiniLM, NeurIPS",
    "Labels": "Mohammad et al. (2018), SemEval-2018 Task 1: Affect in Tweets",
}


def licence_of_tweet(key: str) -> Licence | None:
    """Return the licence of the data set that a tweet's key belongs to; None if unknown.

    >>> licence_of_tweet("sample-0001").licence, licence_of_tweet("t1")
    ('CC0 1.0', None)
    """
    return next((licence for pattern, licence in TWEETS.items() if re.fullmatch(pattern, key)), None)


def licence_of_corpus(name: str) -> Licence | None:
    """Return the licence of an auxiliary corpus by its name; None if unknown."""
    return next((licence for part, licence in CORPORA.items() if part in name.lower()), None)


def licence_of(model: str) -> Licence | None:
    """Return the licence of a model by its URI or by the name in its suggestions; None if unknown.

    >>> licence_of("hf:Qwen/Qwen2.5-3B-Instruct").commercial
    'no: research only'
    >>> licence_of("qwen2.5-coder-1.5b-instruct@0123abcd").licence, licence_of("hf:someone/other")
    ('Apache-2.0', None)
    """
    if found := re.search(r"qwen[\w.\-]*", model, re.IGNORECASE):
        rest = model[found.start() :]  # the owner's name may match before the model's own
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
    """Return a sentence if a model's licence limits commercial use or is unknown, or else an empty string.

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
