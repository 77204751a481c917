"""The science: labels, texts, data files, splits, BERT, LLM, metrics, doubt. No Streamlit, no SQL."""

__version__ = "0.1.0"
