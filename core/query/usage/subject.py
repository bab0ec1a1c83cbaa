"""Whether a sentence is about calls of language models, and how these are named. It imports little: every question is looked at."""

import re
from collections.abc import Collection, Mapping

PROVIDERS: Mapping[str, str] = {
    "openai": "openai", "gpt": "openai", "chatgpt": "openai",
    "anthropic": "anthropic", "claude": "anthropic",
    "google": "google", "gemini": "google", "vertex": "google",
    "azure openai": "azure", "bedrock": "bedrock", "mistral": "mistral", "cohere": "cohere", "groq": "groq", "deepseek": "deepseek", "xai": "xai",
    "ollama": "ollama", "together ai": "together",
}  # fmt: skip
"""As they are called, families of models by their makers too → as providers are named."""
MODEL = re.compile(
    r"\b(?:(?:openai|anthropic|google|mistral|meta|meta-llama|deepseek)/)?"
    r"(gpt-[\w.-]*\w|o[134](?:-\w+)?|claude-[\w.-]*\w|gemini-[\w.-]*\w|llama-?[\d][\w.-]*\b|mistral-[\w.-]*\w|mixtral[\w.-]*|command-r\S*|deepseek-[\w.-]*\w"
    r"|qwen[\d][\w.-]*|text-embedding-[\w-]*\w)",
    re.IGNORECASE,
)
PROVIDER = re.compile(rf"\b({'|'.join(sorted(PROVIDERS, key=len, reverse=True))})\b(?![-/.])", re.IGNORECASE)
_OF_MODELS = re.compile(
    r"\b(llms?|language models?|(ai|gen ?ai|model) (calls?|requests?|usage|costs?|spend|bill|latency|errors?)|prompts?|completions?|ttft|first token)\b"
    r"|\b(input|output|prompt|completion|generated|total|how many|which|used?)\W+tokens\b|\btokens? (usage|count|spend|per|by|used|burn\w*|consum\w*)\b"
    r"|\b(by|per|each|which|what) (language )?model\b|\bmodels? (by|cost|spend)",
    re.IGNORECASE,
)
_CALLS = re.compile(
    r"\b(llm|ai|gen ?ai|language model|model|openai|anthropic|gemini|gpt\S*|claude\S*)( \w+)? (calls?|requests?|prompts?|completions?)\b",
    re.IGNORECASE,
)
_OTHER_COSTS = re.compile(
    r"\b(aws|gcp|cloud|ec2|s3|kubernetes|k8s|cluster|namespace|infra\w*|vm|node|disk|storage|egress)\b", re.IGNORECASE
)


def about(text: str, metric: str, known: Collection[str] = ()) -> bool:
    """Whether a sentence is about calls of language models. `metric`: that was found in it. `known`: services, whose names may be
    those of models."""
    if metric in ("token_usage", "ttft") or _OF_MODELS.search(text) or MODEL.search(text):
        return True
    if metric == "cost":
        return not _OTHER_COSTS.search(text)
    found = PROVIDER.search(text)
    return found is not None and found[1].lower() not in known


def calls(text: str) -> bool:
    """Whether a sentence names calls of language models, which look like runs of something else: "which llm calls failed?"."""
    return _CALLS.search(text) is not None
