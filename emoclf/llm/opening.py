"""
Opens the chat model of a model URI; nothing is imported for a kind of model that is not used.
"""

from collections.abc import Callable

from emoclf.hub.uris import opened
from emoclf.llm.chat_model import ChatModel


def open_chat_model(uri: str) -> ChatModel:
    """Open a model, with its weights loaded or its server checked: `hf:`, `dir:`, `openai:`, or `scripted:words`.

    Raises
    ------
    ModelError : if the model is missing, or is no chat model
    EngineError : if no server answers
    """
    return opened(uri, CHAT_MODELS, "serve as a chat model")


def _open_torch(uri: str) -> ChatModel:
    from emoclf.llm.torch_model import TorchChatModel

    return TorchChatModel.open(uri)


def _open_remote(uri: str) -> ChatModel:
    from emoclf.llm.remote_model import RemoteChatModel

    return RemoteChatModel.open(uri)


def _open_scripted(uri: str) -> ChatModel:
    from emoclf.llm.scripted_model import ScriptedChatModel

    return ScriptedChatModel()


CHAT_MODELS: dict[str, Callable[[str], ChatModel]] = {
    "dir": _open_torch,
    "hf": _open_torch,
    "openai": _open_remote,
    "scripted": _open_scripted,
}
