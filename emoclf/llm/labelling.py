"""
Labels tweets with any chat model: tweets without text are not sent to it, and every result is a number or a reason.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from emoclf.llm.chat_model import ChatModel, Unscored


def label(model: ChatModel, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
    """Yield one result per text, in order: finite probabilities of shape (11,), or the reason why there are none.

    >>> from emoclf.llm.scripted_model import ScriptedChatModel
    >>> blank, happy = label(ScriptedChatModel(), ["  ", "so happy"])
    >>> blank, happy.shape
    (Unscored(reason='the tweet has no text'), (11,))

    Raises
    ------
    ModelError : if the model cannot score tweets
    EngineError : if it cannot answer for any tweet
    """
    results = model.score([text for text in texts if text.strip()])
    for text in texts:
        result = next(results) if text.strip() else Unscored("the tweet has no text")
        if not isinstance(result, Unscored) and not np.isfinite(result).all():
            result = Unscored("the model returned a value that is not a number")
        yield result
