"""Language models and the GPUs under them. Source: vLLM's metrics, OpenTelemetry's GenAI conventions, dcgm-exporter's defaults."""

from core.query.catalogue.dimensions import Dimension
from core.query.catalogue.measures import Counter, Gauge, Histogram, Measure, Share, Subject, Unit
from core.query.catalogue.sources import DCGM, GEN_AI, LLM, VLLM
from core.query.promql.model import Matcher

_PERCENT, _MIB = 0.01, 2.0**20


def _tokens(kind: str, vllm: str) -> tuple[Measure, ...]:
    return (
        Measure(LLM, Counter("llm_tokens_total", (Matcher("type", "=", kind),))),
        Measure(GEN_AI, Counter("gen_ai_client_token_usage_sum", (Matcher("gen_ai_token_type", "=", kind),))),
        Measure(VLLM, Counter(vllm)),
    )


SUBJECTS = (
    Subject(
        "token_usage",
        Unit.PER_SECOND,
        ("token", "token usage", "token consumption", "llm token", "token throughput", "token per second", "token rate", "token spend", "token verbrauch", "tps of the model"),
        (
            Measure(LLM, Counter("llm_tokens_total")),
            Measure(GEN_AI, Counter("gen_ai_client_token_usage_sum")),
            Measure(VLLM, Counter("vllm:generation_tokens_total")),
        ),
    ),
    Subject(
        "input_tokens",
        Unit.PER_SECOND,
        ("input token", "prompt token", "input token usage", "prompt token usage", "prompt throughput"),
        _tokens("input", "vllm:prompt_tokens_total"),
    ),
    Subject(
        "output_tokens",
        Unit.PER_SECOND,
        ("output token", "completion token", "generated token", "generation token", "output token usage", "generation throughput"),
        _tokens("output", "vllm:generation_tokens_total"),
    ),
    Subject(
        "cost",
        Unit.DOLLARS,
        ("cost", "spend", "spending", "spent", "llm cost", "llm spend", "dollar", "money", "bill", "expense", "price", "burn", "usd", "kosten", "coste", "expensive", "how expensive", "costo", "gasto"),
        (Measure(LLM, Counter("llm_cost_dollars_total")),),
    ),
    Subject(
        "ttft",
        Unit.SECONDS,
        ("ttft", "time to first token", "first token latency", "first token time", "time till first token", "time until first token", "first token", "first token delay"),
        (
            Measure(GEN_AI, Histogram("gen_ai_server_time_to_first_token_seconds")),
            Measure(VLLM, Histogram("vllm:time_to_first_token_seconds")),
        ),
    ),
    Subject(
        "time_per_output_token",
        Unit.SECONDS,
        ("time per output token", "tpot", "inter token latency", "itl", "time per token", "time between tokens", "token latency", "per token latency"),
        (
            Measure(GEN_AI, Histogram("gen_ai_server_time_per_output_token_seconds")),
            Measure(VLLM, Histogram("vllm:inter_token_latency_seconds")),
            Measure(VLLM, Histogram("vllm:time_per_output_token_seconds")),
        ),
    ),
    Subject(
        "llm_latency",
        Unit.SECONDS,
        (
            "llm latency", "model latency", "llm response time", "inference latency", "generation latency", "completion latency", "inference time", "llm call latency",
            "llm request duration", "llm duration", "e2e latency", "end to end latency", "model response time", "generation time",
        ),
        (
            Measure(LLM, Histogram("llm_request_duration_seconds")),
            Measure(GEN_AI, Histogram("gen_ai_client_operation_duration_seconds")),
            Measure(VLLM, Histogram("vllm:e2e_request_latency_seconds")),
        ),
    ),
    Subject(
        "llm_requests",
        Unit.PER_SECOND,
        ("llm request", "llm call", "model call", "inference request", "llm request rate", "llm traffic", "model request", "completion request"),
        (
            Measure(LLM, Counter("llm_request_duration_seconds_count")),
            Measure(GEN_AI, Counter("gen_ai_client_operation_duration_seconds_count")),
            Measure(VLLM, Counter("vllm:request_success_total")),
        ),
    ),
    Subject(
        "running_requests",
        Unit.COUNT,
        ("running request", "request running", "running sequence", "requests being served"),
        (Measure(VLLM, Gauge("vllm:num_requests_running")),),
    ),
    Subject(
        "waiting_requests",
        Unit.COUNT,
        ("waiting request", "request waiting", "queued request", "pending request", "request queued", "request in queue", "inference queue", "request stuck waiting", "request stuck", "vllm queue", "requests in the queue"),
        (Measure(VLLM, Gauge("vllm:num_requests_waiting")),),
    ),
    Subject(
        "kv_cache",
        Unit.RATIO,
        ("kv cache", "kv cache usage", "kv cache utilization", "kvcache", "kv"),
        (
            Measure(VLLM, Gauge("vllm:kv_cache_usage_perc", combine="avg")),
            Measure(VLLM, Gauge("vllm:gpu_cache_usage_perc", combine="avg")),
        ),
    ),
    Subject(
        "preemptions",
        Unit.PER_SECOND,
        ("preemption", "preempted request", "preempted"),
        (Measure(VLLM, Counter("vllm:num_preemptions_total")),),
    ),
    Subject(
        "gpu",
        Unit.RATIO,
        ("gpu", "gpu utilization", "gpu utilisation", "gpu usage", "gpu util", "gpu load", "gpu busy", "gpu saturation", "gpu auslastung"),
        (Measure(DCGM, Gauge("DCGM_FI_DEV_GPU_UTIL", combine="avg", of=Dimension.GPU), scale=_PERCENT),),
    ),
    Subject(
        "gpu_memory",
        Unit.BYTES,
        ("gpu memory", "vram", "gpu mem", "video memory", "gpu memory usage", "framebuffer", "gpu ram", "vram usage", "gpu memory used"),
        (Measure(DCGM, Gauge("DCGM_FI_DEV_FB_USED", of=Dimension.GPU), scale=_MIB),),
        share="gpu_memory_share",
    ),
    Subject(
        "free_gpu_memory",
        Unit.BYTES,
        ("free gpu memory", "gpu memory free", "free vram", "vram free", "vram left", "gpu memory left", "gpu memory available"),
        (Measure(DCGM, Gauge("DCGM_FI_DEV_FB_FREE", of=Dimension.GPU), scale=_MIB),),
        share="free_gpu_memory_share",
        more_is_better=True,
    ),
    Subject(
        "free_gpu_memory_share",
        Unit.RATIO,
        ("percent free vram", "percent gpu memory free"),
        (
            Measure(
                DCGM,
                Share(Gauge("DCGM_FI_DEV_FB_FREE", of=Dimension.GPU), (Gauge("DCGM_FI_DEV_FB_USED", of=Dimension.GPU), Gauge("DCGM_FI_DEV_FB_FREE", of=Dimension.GPU))),
            ),
        ),
        more_is_better=True,
    ),
    Subject(
        "gpu_memory_share",
        Unit.RATIO,
        ("gpu memory utilization", "gpu memory percent", "vram percent", "gpu memory saturation"),
        (
            Measure(
                DCGM,
                Share(Gauge("DCGM_FI_DEV_FB_USED", of=Dimension.GPU), (Gauge("DCGM_FI_DEV_FB_USED", of=Dimension.GPU), Gauge("DCGM_FI_DEV_FB_FREE", of=Dimension.GPU))),
            ),
        ),
    ),
    Subject(
        "gpu_temperature",
        Unit.CELSIUS,
        ("gpu temperature", "gpu temp", "temperature", "gpu heat", "temp", "hot", "hottest", "gpu hot", "gpu hottest", "gpu hotter", "gpu cooler", "gpu cold", "hotter", "coldest", "coolest", "cooler", "warmest", "gpu warm"),
        (Measure(DCGM, Gauge("DCGM_FI_DEV_GPU_TEMP", combine="max", of=Dimension.GPU)),),
    ),
    Subject(
        "gpu_errors",
        Unit.COUNT,
        ("xid error", "xid", "gpu error", "gpu xid"),
        (Measure(DCGM, Gauge("DCGM_FI_DEV_XID_ERRORS", of=Dimension.GPU)),),
    ),
    Subject(
        "prefix_cache",
        Unit.RATIO,
        ("prefix cache hit rate", "prefix cache", "prefix cache hit ratio"),
        (Measure(VLLM, Share(Counter("vllm:prefix_cache_hits_total"), (Counter("vllm:prefix_cache_queries_total"),))),),
    ),
    Subject(
        "gpu_power",
        Unit.WATTS,
        ("gpu power", "power draw", "watt", "gpu power draw", "power usage", "wattage", "power consumption", "gpu power usage"),
        (Measure(DCGM, Gauge("DCGM_FI_DEV_POWER_USAGE", of=Dimension.GPU)),),
    ),
)  # fmt: skip
