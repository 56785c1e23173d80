"""TF Serving's gRPC services of one model: predictions, metadata and status."""

import math

import tensorflow as tf

from kerasseq.extras import missing

try:
    import grpc
    from tensorflow_serving.apis import (
        get_model_metadata_pb2,
        get_model_status_pb2,
        model_service_pb2_grpc,
        predict_pb2,
        prediction_service_pb2_grpc,
    )
except ImportError as error:
    raise missing("grpc") from error

from google.protobuf import json_format
from tensorflow.core.framework import types_pb2

from kerasseq.serving.bad_request import BadRequest, TooLate
from kerasseq.serving.predict import check_rows, check_signature, check_text

CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    404: grpc.StatusCode.NOT_FOUND,
    413: grpc.StatusCode.INVALID_ARGUMENT,
    500: grpc.StatusCode.INTERNAL,
    503: grpc.StatusCode.UNAVAILABLE,
}
ENVELOPE = 1 << 16  # bytes of a message beside what it asks


async def start(service, address):
    """Starts the services, whose requests wait in the same queue as those of the REST API.

    Args:
        service: Service.
        address: str, as "127.0.0.1:8500"; a port of 0 takes a free one.

    Returns:
        grpc.aio.Server, whose `stop(grace)` ends it, and int, its port.

    Raises:
        OSError: for an address that is taken.
    """
    limits = service.limits
    server = grpc.aio.server(
        maximum_concurrent_rpcs=limits.connections,
        options=[
            ("grpc.max_receive_message_length", limits.body + ENVELOPE),
            ("grpc.so_reuseport", 0),
        ],
    )
    predictions, models = Predictions(service), Models(service)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(predictions, server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(models, server)
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(
            f"Expected a free address for gRPC; received {address} ({error}). Choose another port."
        ) from error
    await server.start()
    return server, port


class Predictions(prediction_service_pb2_grpc.PredictionServiceServicer):
    """`Predict` and `GetModelMetadata`; what else TF Serving has is refused as unimplemented.

    Args:
        service: Service.
    """

    def __init__(self, service):
        self.service = service

    async def Predict(self, request, context):
        answer, error = await self.service.attempt(self._predict(request))
        if error:
            late = isinstance(error, TooLate)
            code = grpc.StatusCode.DEADLINE_EXCEEDED if late else CODES[error.status]
            await context.abort(code, str(error))
        return answer

    async def _predict(self, request):
        model = find_model(self.service, request.model_spec)
        signature = request.model_spec.signature_name or "serving_default"
        check_signature(model, signature, request.inputs)
        described = model.signatures[signature]["inputs"]
        arrays = {
            name: read_tensor(name, proto, described[name]["dtype"], self.service.limits)
            for name, proto in request.inputs.items()
        }
        sizes = {name: array.shape[0] if array.ndim else None for name, array in arrays.items()}
        check_rows(sizes, self.service.limits)
        tensors = model.tensors(signature, arrays)
        outputs = await self.service.batcher.ask(model, signature, tensors)
        wanted = set(request.output_filter) or set(outputs)
        if not wanted <= set(outputs):
            raise BadRequest(
                f"Expected an output_filter of {', '.join(sorted(outputs))}; received "
                f"{', '.join(sorted(wanted - set(outputs)))!s:.200}."
            )
        answer = predict_pb2.PredictResponse()
        describe(answer.model_spec, self.service, model, signature)
        for name in wanted:
            answer.outputs[name].CopyFrom(tf.make_tensor_proto(outputs[name]))
        return answer

    async def GetModelMetadata(self, request, context):
        try:
            model = find_model(self.service, request.model_spec)
            if [*request.metadata_field] != ["signature_def"]:
                raise BadRequest("Expected signature_def as the metadata_field.")
        except BadRequest as error:
            await context.abort(CODES[error.status], str(error))
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, described in model.signatures.items():
            json_format.ParseDict(described, signatures.signature_def[name])
        answer = get_model_metadata_pb2.GetModelMetadataResponse()
        describe(answer.model_spec, self.service, model)
        answer.metadata["signature_def"].Pack(signatures)
        return answer


class Models(model_service_pb2_grpc.ModelServiceServicer):
    """`GetModelStatus`.

    Args:
        service: Service.
    """

    def __init__(self, service):
        self.service = service

    async def GetModelStatus(self, request, context):
        try:
            model = find_model(self.service, request.model_spec)
        except BadRequest as error:
            await context.abort(CODES[error.status], str(error))
        asked = request.model_spec.HasField("version")
        loaded = [model] if asked else reversed(self.service.versions.models.values())
        answer = get_model_status_pb2.GetModelStatusResponse()
        for each in loaded:
            answer.model_version_status.add(
                version=int(each.version),
                state=get_model_status_pb2.ModelVersionStatus.AVAILABLE,
            )
        return answer


def find_model(service, spec):
    """The ServedModel of a message's ModelSpec.

    Raises:
        BadRequest: for another name or version, or a label of versions.
    """
    if spec.name != service.name:
        raise BadRequest(
            f"Expected the model {service.name}; received {spec.name!r:.60}. Change the name.", 404
        )
    if spec.version_label:
        raise BadRequest(
            f"Expected a version's number; received the label {spec.version_label!r:.60}. Name "
            "the number, or none for the newest."
        )
    return service.model(str(spec.version.value) if spec.HasField("version") else None)


def describe(spec, service, model, signature=""):
    """Writes into a ModelSpec who answered."""
    spec.name, spec.signature_name = service.name, signature
    spec.version.value = int(model.version)


def read_tensor(name, proto, dtype, limits):
    """A message's tensor as an array, of no more elements than a request may have bytes.

    Args:
        name: str, of the input.
        proto: TensorProto.
        dtype: str, as "DT_STRING".
        limits: Limits.

    Raises:
        BadRequest: for one of another type, a damaged or larger one, or a string too long.
    """
    kinds = types_pb2.DataType
    if proto.dtype != kinds.Value(dtype):
        received = kinds.Name(proto.dtype) if proto.dtype in kinds.values() else proto.dtype
        raise BadRequest(f"Expected {name} of {dtype}; received {received}. Cast it.")
    sizes = [each.size for each in proto.tensor_shape.dim]
    known = not proto.tensor_shape.unknown_rank and all(size >= 0 for size in sizes)
    if not known or math.prod(sizes) > limits.body:
        raise BadRequest(
            f"Expected {name} of a known shape of at most {limits.body} elements; received "
            f"{sizes if known else 'another'!s:.80}."
        )
    try:
        array = tf.make_ndarray(proto)
    except (TypeError, ValueError, IndexError) as error:
        raise BadRequest(
            f"Expected {name} as a tensor; received a damaged one ({error!s:.200})."
        ) from error
    if array.dtype == object:
        for each in array.ravel():
            check_text(name, each, limits)
    return array
