"""The command that serves a model."""

import pathlib
import sys
import tempfile
from typing import Annotated

import typer

from kerasseq.cli.arguments import a_model
from kerasseq.cli.checks import check_port, check_served
from kerasseq.cli.quiet_backend import load_backend
from kerasseq.extras import check_extra
from kerasseq.saved_models import RECIPE
from kerasseq.serving.name import check_name

LOCAL = ("127.0.0.1", "localhost", "[::1]", "::1")
EXAMPLES = 4  # texts to click on the page


def serve(
    model: Annotated[pathlib.Path, a_model("A SavedModel, its versions, or a saved task")],
    name: Annotated[str | None, typer.Option(help="In the address; default: the folder's.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8501,
    page: Annotated[bool, typer.Option(help="A page that translates as you type.")] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name that clients call it by; default: any, local names on 127.0.0.1"),
    ] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(help="A site whose pages may read the answers (CORS).")
    ] = None,
    together: Annotated[
        int, typer.Option(min=1, help="Rows of several requests that are answered at once.")
    ] = 64,
    delay: Annotated[
        float, typer.Option(min=0, help="Milliseconds that a request waits for others.")
    ] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Threads that answer.")] = 2,
    grpc_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="TF Serving's gRPC at this port too.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.001, help="The longest that one may take.")] = 30,
):
    """Serve a model over REST, in the dialect of TF Serving."""
    of_run = (model.parent / RECIPE).is_file()  # whose task has a folder in it
    name = name or (model.parent if of_run else model).resolve().name
    check_served(model)
    check_name(name)
    check_extra("serve")
    check_port(host, port)
    if grpc_port:
        check_extra("grpc")
        check_port(host, grpc_port, "--grpc-port")
    load_backend()
    from kerasseq import Translator
    from kerasseq.saved_models import described
    from kerasseq.serving import Limits, Versions, make_app, run
    from kerasseq.tasks import load

    limits = Limits(together=together, delay=delay / 1000, workers=workers, seconds=seconds)
    hosts = allow_host or (LOCAL if host in LOCAL else ["*"])
    examples, task = (), None
    with tempfile.TemporaryDirectory() as folder:
        if next(described(model), None):
            print(f"{name}: exporting it to serve it, about half a minute", file=sys.stderr)
            exported = pathlib.Path(folder) / "1"
            task = load(model)
            task.export(exported)
            examples = task.examples[:EXAMPLES] if page else ()
            model = exported
        grpc = grpc_port and f"{host}:{grpc_port}"
        app = make_app(
            Versions(model), name, limits, page,
            examples=examples, hosts=hosts, origins=allow_origin or (), grpc=grpc,
            task=task if isinstance(task, Translator) else None,
        )  # fmt: skip
        print(f"http://{host}:{port}/v1/models/{name}" + (f"\nhttp://{host}:{port}/" * page))
        if grpc:
            print(f"grpc://{grpc}")
        sys.stdout.flush()
        run(app, host, port, limits)
