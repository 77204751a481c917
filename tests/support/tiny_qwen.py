"""A tiny random Qwen and its tokenizer, created offline: real architecture and chat template, random weights."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoclf.llm.prompts import LABELLING
from tests.support import models as small_models

if TYPE_CHECKING:  # transformers takes seconds to import
    from transformers import PreTrainedTokenizerFast

    from emoclf.llm.one_pass import OnePassScorer

CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
# Qwen2 has biases; the small Qwen2.5 models share embeddings and have fewer key/value heads; Qwen3 normalizes queries
# and keys.
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "qwen2": ("Qwen2", {}),
    "qwen2.5": ("Qwen2", {"tie_word_embeddings": True, "num_key_value_heads": 1}),
    "qwen3": ("Qwen3", {"head_dim": 32, "attention_bias": False}),
}


def tiny_tokenizer(chat_template: str | None = CHAT_TEMPLATE) -> "PreTrainedTokenizerFast":
    """A byte-level tokenizer with a few hundred merges, trained on the prompt."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=CONTROL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([LABELLING.system, *LABELLING.questions, "it is yes no yes no yes no"], trainer)
    tokens = {"pad_token": CONTROL[0], "eos_token": CONTROL[2], "additional_special_tokens": CONTROL[1:2]}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, chat_template=chat_template, **tokens)


def tiny_model(family: str = "qwen2", **changes: Any) -> Any:
    """Two layers of width 64, grouped key/value heads, and weights large enough for different answers."""
    small_models.check_marker()
    import torch
    import transformers

    name, own = FAMILIES[family]
    config_class, model_class = (getattr(transformers, f"{name}{kind}") for kind in ("Config", "ForCausalLM"))
    settings = {
        "vocab_size": 512,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "initializer_range": 0.25,
        "pad_token_id": 0,
        "tie_word_embeddings": False,
    }
    torch.manual_seed(13)
    return model_class(config_class(**settings | own | changes)).eval()


def save_tiny_qwen(folder: Path, family: str = "qwen2") -> Path:
    """Write a checkpoint folder in the hub's format."""
    tiny_model(family).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def asked_alone(model: Any, scorer: "OnePassScorer", text: str, questions: list[list[int]]) -> list[float]:
    """Log-odds of each question (as tokens) from a plain forward pass over the full prompt, without cache or mask."""
    import torch

    tokens, (yes, no) = scorer.tokens, scorer.tokens.answers
    odds = []
    for question in questions:
        ids = torch.tensor([tokens.head + scorer.tweet_tokens(text) + tokens.tail + question])
        with torch.inference_mode():
            last = model(input_ids=ids, use_cache=False, logits_to_keep=1).logits[0, -1].float()
        odds.append(float(last[yes] - last[no]))
    return odds
