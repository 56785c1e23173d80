"""The REST API: status, metadata and predictions, as TF Serving gives them, and a page."""

import asyncio
import concurrent.futures
import html
import pathlib
import re

try:
    import fastapi
    from fastapi.responses import HTMLResponse, JSONResponse
    from starlette.requests import ClientDisconnect
except ImportError as error:
    raise ImportError(
        "Expected FastAPI and uvicorn to serve with; they are not installed. Install "
        "kerasseq[serve]."
    ) from error

from kerasseq.serving.limits import Limits
from kerasseq.serving.predict import BadRequest, predict

PAGE = pathlib.Path(__file__).with_name("page.html")


def check_name(name):
    """Refuses a name that is more than one plain part of an address.

    Raises:
        ValueError: for such a name.
    """
    if not re.fullmatch(r"[\w.-]+", name):
        raise ValueError(
            f"Expected a name of letters, digits, '.', '_' and '-'; received {name!r}. Choose "
            "another with --name."
        )


def make_app(model, name, limits=None, page=False):
    """An ASGI application for one model.

    `GET /v1/models/NAME` says whether it is available, `GET …/metadata` what its signatures
    take, `POST …:predict` runs one; with `/versions/N` after the name too. A request that
    cannot be answered gets a status of 4xx and `{"error": one sentence}`.

    Args:
        model: ServedModel.
        name: str, under which it is served.
        limits: Limits; the defaults if None.
        page: bool, a page at `/` that translates as you type.

    Returns:
        fastapi.FastAPI.

    Raises:
        ValueError: for a page of a model that does not translate, or a name that is more than
            one plain part of an address.
    """
    check_name(name)
    if page and "translation" not in model.signatures.get("serving_default", {}).get("outputs", {}):
        raise ValueError(
            "Expected an exported translator for the page; received a model that answers "
            f"{', '.join(model.signatures)}. Leave the page out."
        )
    limits = limits or Limits()
    app = fastapi.FastAPI(title=name, docs_url=None, redoc_url=None, openapi_url=None)
    # One request runs at a time, on all cores; the others wait their turn.
    worker = concurrent.futures.ThreadPoolExecutor(max_workers=1)
    addresses = [f"/v1/models/{name}", f"/v1/models/{name}/versions/{model.version}"]

    def refuse(sentence, status):
        return JSONResponse({"error": sentence}, status)

    @app.exception_handler(404)
    async def unknown(request, error):
        return refuse(f"Expected an address that begins with {addresses[0]}.", 404)

    @app.exception_handler(405)
    async def wrong_method(request, error):
        return refuse("Expected GET for status and metadata, POST for predictions.", 405)

    async def status():
        state = {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        return {"model_version_status": [{"version": model.version} | state]}

    async def metadata():
        specification = {"name": name, "signature_name": "", "version": model.version}
        found = {"signature_def": {"signature_def": model.signatures}}
        return {"model_spec": specification, "metadata": found}

    async def read(request):
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > limits.body:
                raise BadRequest(f"Expected a body of at most {limits.body} bytes.", 413)
        return body

    async def answer(request: fastapi.Request):
        try:
            async with asyncio.timeout(limits.seconds):
                body = await read(request)
                loop = asyncio.get_running_loop()
                return JSONResponse(
                    await loop.run_in_executor(worker, predict, model, body, limits)
                )
        except BadRequest as error:
            return refuse(str(error), error.status)
        except ClientDisconnect:
            return refuse("Expected a whole body; the client hung up.", 400)
        except TimeoutError:
            return refuse(f"Gave up after {limits.seconds:g} seconds: ask for less.", 503)

    for address in addresses:
        app.get(address)(status)
        app.get(f"{address}/metadata")(metadata)
        app.post(f"{address}:predict")(answer)
    if page:
        text = PAGE.read_text(encoding="utf-8").replace("{{address}}", addresses[0])
        text = text.replace("{{name}}", html.escape(name))

        @app.get("/")
        async def home():
            return HTMLResponse(text)

    return app
