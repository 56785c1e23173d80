"""The REST API: status, metadata and predictions, as TF Serving gives them, and a page."""

import asyncio
import contextlib
import html
import json
import logging
import pathlib

from kerasseq.extras import missing

try:
    import fastapi
    from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
    from starlette.middleware.cors import CORSMiddleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.requests import ClientDisconnect
except ImportError as error:
    raise missing("serve") from error

from kerasseq.serving.bad_request import BadRequest
from kerasseq.serving.openapi import describe_api
from kerasseq.serving.predict import read_question, write_answer
from kerasseq.serving.served_model import plain
from kerasseq.serving.service import Service
from kerasseq.serving.streaming import Streams

PAGE = pathlib.Path(__file__).with_name("page.html")
LOG = logging.getLogger("kerasseq.serving")
LOOK = 2.0  # seconds between two looks at the folder of versions


def make_app(
    model,
    name,
    limits=None,
    page=False,
    *,
    examples=(),
    hosts=("*",),
    origins=(),
    grpc=None,
    task=None,
):
    """An ASGI application for one model.

    `GET /v1/models/NAME` says whether it is available, `GET …/metadata` what its signatures
    take, `POST …:predict` runs one; with `/versions/N` after the name too. `GET /healthz` says
    that it answers, `GET /metrics` what it counts, for Prometheus, `GET /openapi.json` how to
    ask. A request that cannot be
    answered gets a status of 4xx, or 503 when it took too long, and `{"error": one sentence}`.

    Requests of several clients are answered together; see `Limits`.

    Args:
        model: ServedModel, or Versions, whose folder is looked at every two seconds.
        name: str, under which it is served.
        limits: Limits; the defaults if None.
        page: bool, a page at `/` that translates as you type.
        examples: iterable of str, texts to click on the page; that of the model's warm-up
            requests if there is none.
        hosts: iterable of str, names that the `Host` of a request may have: `*` for any,
            `*.example.com` for those below one.
        origins: iterable of str, pages of other servers that browsers may let read the answers
            (CORS), as `https://example.com`; `*` for any.
        grpc: str, an address as "127.0.0.1:8500" to serve TF Serving's gRPC at too, while the
            application runs; None for REST alone.
        task: Translator that the model was exported from, which answers requests with `stream`;
            see `kerasseq.serving.streaming`.

    Returns:
        fastapi.FastAPI.

    Raises:
        ValueError: for a page of a model that does not translate, or a name that is more than
            one plain part of an address.
    """
    service = Service(model, name, limits)
    versions, limits, metrics = service.versions, service.limits, service.metrics
    streams = Streams(task, limits)
    outputs = versions.newest.signatures.get("serving_default", {}).get("outputs", {})
    if page and "translation" not in outputs:
        raise ValueError(
            "Expected an exported translator for the page; received a model that answers "
            f"{', '.join(versions.newest.signatures)}. Leave the page out."
        )
    address = f"/v1/models/{name}"

    @contextlib.asynccontextmanager
    async def life(app):
        if grpc:
            from kerasseq.serving.grpc_service import start

            server, app.state.grpc_port = await start(service, grpc)
        looks = asyncio.create_task(look(versions))
        yield
        looks.cancel()
        if grpc:
            await server.stop(limits.seconds)
        service.batcher.close()

    app = fastapi.FastAPI(
        title=name, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False,
        lifespan=life,
    )  # fmt: skip
    if origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=[*origins], allow_methods=["GET", "POST"],
            allow_headers=["content-type"],
        )  # fmt: skip
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*hosts], www_redirect=False)

    def refuse(sentence, status):
        # What cannot be encoded is told as an escape.
        text = sentence.encode("utf-8", "backslashreplace").decode("utf-8")
        return JSONResponse({"error": text}, status)

    @app.exception_handler(404)
    async def unknown(request, error):
        return refuse(f"Expected an address that begins with {address}.", 404)

    @app.exception_handler(BadRequest)
    async def bad(request, error):
        return refuse(str(error), error.status)

    @app.exception_handler(405)
    async def wrong_method(request, error):
        return refuse("Expected GET for status and metadata, POST for predictions.", 405)

    async def status(version=None):
        state = {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        found = [service.model(version)] if version else reversed(versions.models.values())
        return {"model_version_status": [{"version": each.version} | state for each in found]}

    async def metadata(version=None):
        found = service.model(version)
        specification = {"name": name, "signature_name": "", "version": found.version}
        described = {"signature_def": {"signature_def": found.signatures}}
        return {"model_spec": specification, "metadata": described}

    async def read(request):
        body = b""
        try:
            async for part in request.stream():
                body += part
                if len(body) > limits.body:
                    raise BadRequest(f"Expected a body of at most {limits.body} bytes.", 413)
        except ClientDisconnect as error:
            raise BadRequest("Expected a whole body; the client hung up.") from error
        return body

    async def predict(request, version):
        found = service.model(version)
        question = read_question(found, await read(request), limits)
        if question.stream:
            return streams.answer(question)
        arrays = await service.batcher.ask(found, question.signature, question.tensors)
        outputs = {key: plain(array) for key, array in arrays.items()}
        return JSONResponse(write_answer(outputs, question.by_row))

    async def answer(request: fastapi.Request, version: str | None = None):
        found, error = await service.attempt(predict(request, version))
        return refuse(str(error), error.status) if error else found

    @app.get("/healthz")
    async def healthy():
        return {"status": "ok"}

    @app.get("/openapi.json")
    async def described():
        return describe_api(versions.newest, address, limits)

    @app.get("/metrics")
    async def counted():
        text = metrics.text(len(service.batcher), [*versions.models])
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    for place in (address, f"{address}/versions/{{version}}"):
        app.get(place)(status)
        app.get(f"{place}/metadata")(metadata)
        app.post(f"{place}:predict")(answer)
    if page:
        text = PAGE.read_text(encoding="utf-8").replace("{{address}}", address)
        text = text.replace("{{name}}", html.escape(name))
        # A "</script>" in a text must not end the block.
        shown = json.dumps([*examples] or versions.newest.warm_up_texts(), ensure_ascii=False)
        text = text.replace("{{examples}}", shown.replace("<", "\\u003c"))

        @app.get("/")
        async def home():
            return HTMLResponse(text)

    return app


async def look(versions):
    """Takes up new versions while it runs; what answers goes on meanwhile."""
    while True:
        await asyncio.sleep(LOOK)
        said = await asyncio.to_thread(versions.refresh)
        if said:
            LOG.warning("%s", said)
