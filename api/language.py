"""Which language an answer is in: ``?lang=``, else Accept-Language, else Chinese."""

from starlette.requests import Request

LANGUAGES = ("zh", "en")


def language_of(request: Request) -> str:
    """The language, "zh" or "en": what the address says, else what is accepted."""
    wanted = request.query_params.get("lang")
    if wanted in LANGUAGES:
        return wanted
    return accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> str:
    """The better liked of the two languages in an Accept-Language header; Chinese on a tie."""
    best = {"zh": 0.0, "en": 0.0}
    for part in header.split(","):
        tag, _, quality = part.strip().lower().partition(";q=")
        lang = tag.partition("-")[0]
        if lang in best:
            try:
                best[lang] = max(best[lang], float(quality or "1"))
            except ValueError:
                continue
    return "en" if best["en"] > best["zh"] else "zh"
