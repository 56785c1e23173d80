from .alignment import guided_alignment as guided_alignment
from .attention import CrossAttention as CrossAttention
from .attention import SelfAttention as SelfAttention
from .attention_decoder import AttentionCell as AttentionCell
from .attention_decoder import AttentionDecoder as AttentionDecoder
from .embeddings import TokenEmbedding as TokenEmbedding
from .image_encoder import ImageEncoder as ImageEncoder
from .positions import PositionEncoding as PositionEncoding
from .positions import RelativePositions as RelativePositions
from .recurrent_decoder import Maxout as Maxout
from .recurrent_decoder import RecurrentDecoder as RecurrentDecoder
from .recurrent_memory import AdditiveAttention as AdditiveAttention
from .recurrent_memory import LuongAttention as LuongAttention
from .recurrent_memory import RecurrentEncoder as RecurrentEncoder
from .ssru import SSRU as SSRU
from .ssru import SSRUDecoderBlock as SSRUDecoderBlock
from .transformer_blocks import DecoderBlock as DecoderBlock
from .transformer_blocks import EncoderBlock as EncoderBlock
from .transformer_blocks import FeedForward as FeedForward
from .transformer_blocks import Residual as Residual

__all__ = [
    "SSRU",
    "AdditiveAttention",
    "AttentionCell",
    "AttentionDecoder",
    "CrossAttention",
    "DecoderBlock",
    "EncoderBlock",
    "FeedForward",
    "ImageEncoder",
    "LuongAttention",
    "Maxout",
    "PositionEncoding",
    "RecurrentDecoder",
    "RecurrentEncoder",
    "RelativePositions",
    "Residual",
    "SSRUDecoderBlock",
    "SelfAttention",
    "TokenEmbedding",
    "guided_alignment",
]
