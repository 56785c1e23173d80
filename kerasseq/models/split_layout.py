"""A model whose large matrices are split over devices."""

from __future__ import annotations

from kerasseq.lazily import keras

# By names of layers: of a feed-forward layer each device has a part of the inner width, and of an
# embedding a part of the width, which divides evenly where a vocabulary does not.
SPLIT = {
    r".*token_embedding(_\d+)?/table": (None, True),
    r".*feed_forward(_\d+)?/(inner|linear)/kernel": (None, True),
    r".*feed_forward(_\d+)?/(inner|linear)/bias": (True,),
    r".*feed_forward(_\d+)?/outer/kernel": (True, None),
}


def split_layout(
    mesh: keras.distribution.DeviceMesh, axis: str = "model"
) -> keras.distribution.LayoutMap:
    """How token embeddings and feed-forward layers are split over devices, under JAX.

    Every other variable is whole on each device. An embedding `(V, D)` and a feed-forward layer's
    `W1` `(D, F)` are split by columns, its `W2` `(F, D)` by rows, so that the devices meet once a
    layer, to add up (Shoeybi et al. 2019, section 3). With one device or several the model is the
    same but for the order of sums:

        mesh = keras.distribution.DeviceMesh((1, 2), ["batch", "model"])
        keras.distribution.set_distribution(
            keras.distribution.ModelParallel(
                layout_map=split_layout(mesh), batch_dim_name="batch"
            )
        )
        model = Transformer(32000, 32000, 1024, 12, 16, 4096)

    Args:
        mesh: keras.distribution.DeviceMesh.
        axis: str, the mesh' axis over whose devices they are split; it must divide `D` and `F`.

    Returns:
        keras.distribution.LayoutMap.

    Raises:
        ValueError: for an axis that the mesh does not have.
    """
    if axis not in mesh.axis_names:
        raise ValueError(
            f"Expected axis to be one of {mesh.axis_names} of the mesh; received {axis!r}. Give "
            "the name of the axis over whose devices the model is split."
        )
    layout = keras.distribution.LayoutMap(mesh)
    for path, axes in SPLIT.items():
        layout[path] = tuple(axis if each else None for each in axes)
    return layout
