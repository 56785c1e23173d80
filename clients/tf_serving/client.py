"""Asks TF Serving, or `kerasseq serve`, over REST or gRPC.

python client.py http://localhost:8501 numbers "fifty one" "two thousand"
python client.py localhost:8500 numbers "fifty one"        # gRPC

gRPC needs the package tensorflow-serving-api; REST needs Python alone.
"""

import json
import sys
import urllib.error
import urllib.request

SECONDS = 30.0


class RestClient:
    """A model behind TF Serving's REST.

    Args:
        address: str, as "http://localhost:8501".
        model: str, its name.
        seconds: float, that an answer may take.
    """

    def __init__(self, address, model, seconds=SECONDS):
        self.address = f"{address.rstrip('/')}/v1/models/{model}"
        self.seconds = seconds

    def predict(self, signature="serving_default", **columns):
        """Columns of inputs, each a list of str, to a dict of columns of outputs.

        Raises:
            RuntimeError: with the server's sentence, for what it refuses.
        """
        body = json.dumps({"signature_name": signature, "inputs": columns}).encode()
        request = urllib.request.Request(f"{self.address}:predict", body)
        try:
            with urllib.request.urlopen(request, timeout=self.seconds) as response:
                found = json.load(response)["outputs"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(_sentence(error)) from error
        if isinstance(found, dict):
            return found
        return {self._only_output(signature): found}  # a lone output comes without its name

    def _only_output(self, signature):
        """The name of a signature's one output, from the model's metadata."""
        with urllib.request.urlopen(f"{self.address}/metadata", timeout=self.seconds) as response:
            signatures = json.load(response)["metadata"]["signature_def"]["signature_def"]
        (name,) = signatures[signature]["outputs"]
        return name


class GrpcClient:
    """A model behind TF Serving's gRPC.

    Args:
        address: str, as "localhost:8500".
        model: str, its name.
        seconds: float, that an answer may take.
    """

    def __init__(self, address, model, seconds=SECONDS):
        import grpc
        from tensorflow_serving.apis import prediction_service_pb2_grpc

        self.model = model
        self.seconds = seconds
        # A long text's attention is more than gRPC's four megabytes.
        options = [("grpc.max_receive_message_length", 64 << 20)]
        channel = grpc.insecure_channel(address, options)
        self.service = prediction_service_pb2_grpc.PredictionServiceStub(channel)

    def predict(self, signature="serving_default", **columns):
        """Columns of inputs, each a list of str, to a dict of columns of outputs.

        Raises:
            RuntimeError: with the server's sentence, for what it refuses.
        """
        import grpc
        import tensorflow as tf
        from tensorflow_serving.apis import predict_pb2

        request = predict_pb2.PredictRequest()
        request.model_spec.name = self.model
        request.model_spec.signature_name = signature
        for name, texts in columns.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(texts, tf.string))
        try:
            found = self.service.Predict(request, timeout=self.seconds).outputs
        except grpc.RpcError as error:
            raise RuntimeError(error.details()) from error
        return {name: _plain(tf.make_ndarray(each).tolist()) for name, each in found.items()}


def _plain(value):
    """Bytes as str, in lists too."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.decode("utf-8") if isinstance(value, bytes) else value


def _sentence(error):
    """What a server says of an error."""
    said = error.read().decode("utf-8", "replace")
    try:
        return json.loads(said)["error"]
    except (ValueError, KeyError, TypeError):
        return said or str(error)


def main(address, model, *texts):
    """Prints a row of outputs for each text."""
    kind = RestClient if address.startswith("http") else GrpcClient
    found = kind(address, model).predict(text=list(texts))
    for values in zip(*found.values(), strict=True):
        print(json.dumps(dict(zip(found, values, strict=True)), ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
