from .alignment import check_alignment as check_alignment
from .corpus import examine as examine
from .finding import DoctorWarning as DoctorWarning
from .finding import Finding as Finding
from .finding import warn as warn
from .labels import examine_labels as examine_labels
from .learning import check_attention as check_attention
from .learning import check_losses as check_losses
from .learning import check_norms as check_norms
from .learning import check_rates as check_rates
from .outputs import check_outputs as check_outputs
from .scripts import scripts as scripts
from .tokenizers import check_tokenizers as check_tokenizers
from .tokenizers import check_vocabulary as check_vocabulary

__all__ = [
    "DoctorWarning",
    "Finding",
    "check_alignment",
    "check_attention",
    "check_losses",
    "check_norms",
    "check_outputs",
    "check_rates",
    "check_tokenizers",
    "check_vocabulary",
    "examine",
    "examine_labels",
    "scripts",
    "warn",
]
