"""What a folder says of its search: `generation_config.json`, or `config.json` without one."""

import typing

from kerasseq.decoding import Beam, Greedy
from kerasseq.pretrained.fields import check_fields, number, same

FILE = "generation_config.json"
READ = (
    "decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id", "eos_token_id",
    "pad_token_id", "num_beams", "length_penalty", "early_stopping", "max_length",
    "max_new_tokens", "min_length", "min_new_tokens", "bad_words_ids", "suppress_tokens",
    "no_repeat_ngram_size", "repetition_penalty",
)  # fmt: skip
FIXED = {
    "do_sample": (False,),
    "encoder_no_repeat_ngram_size": (0,),
    "encoder_repetition_penalty": (1.0,),
    "diversity_penalty": (0.0,),
    "num_beam_groups": (1,),
    "num_return_sequences": (1,),
    "guidance_scale": (1.0,),
    "force_bos_token_to_be_generated": (False,),
    "begin_suppress_tokens": ([],),
    "exponential_decay_length_penalty": (None,),
    "sequence_bias": (None,),
    "force_words_ids": (None,),
    "constraints": (None,),
    "penalty_alpha": (None,),
    "watermarking_config": (None,),
    "renormalize_logits": (False,),
    "remove_invalid_values": (False,),
    "stop_strings": (None,),
    "max_time": (None,),
}
FIXED = {name: (None, *values) for name, values in FIXED.items()}
_SAMPLING = "of sampling, which do_sample chooses"
_CALL = "what a call gives beside the text, or how it computes the same numbers"
INERT = {
    "temperature": _SAMPLING,
    "top_k": _SAMPLING,
    "top_p": _SAMPLING,
    "min_p": _SAMPLING,
    "typical_p": _SAMPLING,
    "epsilon_cutoff": _SAMPLING,
    "eta_cutoff": _SAMPLING,
    "use_cache": _CALL,
    "cache_implementation": _CALL,
    "output_attentions": _CALL,
    "output_hidden_states": _CALL,
    "output_scores": _CALL,
    "output_logits": _CALL,
    "return_dict_in_generate": _CALL,
    "bos_token_id": "decoder_start_token_id is what a decoder begins with",
    "transformers_version": "a record of where the file comes from",
    "_from_model_config": "a record of where the file comes from",
}
# Of a search alone: what a caller's own search says instead.
SEARCH = {*READ, *FIXED} - {
    "decoder_start_token_id", "forced_bos_token_id", "eos_token_id", "pad_token_id",
}  # fmt: skip
NAMES = {*READ, *FIXED, *INERT}


class Generation(typing.NamedTuple):
    """What a folder says of its search, in former ids.

    Attributes:
        where: str, the file, for messages.
        fields: dict.
    """

    where: str
    fields: dict

    def token(self, name):
        """The id of a field, or None.

        Raises:
            ValueError: for several ids, or no id.
        """
        value = self.fields.get(name)
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        if value is not None and (type(value) is not int or value < 0):
            raise ValueError(
                f"Expected one token's id as {name!r} in {self.where}; received {value!r:.80}, "
                "which is not supported. Choose another model."
            )
        return value

    def check_ids(self, pad, end):
        """Refuses other ids of padding and end than the tokenizer's."""
        for name, expected in (("pad_token_id", pad), ("eos_token_id", end)):
            found = self.token(name)
            if found not in (None, expected):
                raise ValueError(
                    f"Expected {name!r} to be {expected}, the tokenizer's, in {self.where}; "
                    f"received {found}. Choose files of one model."
                )

    def search(self, pad, end):
        """The Search that the folder asks for.

        Args:
            pad, end: int, former ids.

        Raises:
            ValueError: for what no search here does, by its name.
        """
        fields, where = self.fields, self.where
        try:
            check_fields(where, fields, READ, FIXED, INERT)
            self._check_never({pad, self.token("decoder_start_token_id")} - {end})
            if self.token("forced_eos_token_id") not in (None, end):
                raise self._other("forced_eos_token_id", f"{end}, the end symbol")
            early = fields.get("early_stopping") or False
            if early is not True and early is not False:
                raise self._other("early_stopping", "True or False")
            beams = self._number("num_beams", 1, least=1)
            repetition = self._repetition(beams, end)
        except ValueError as error:
            raise ValueError(
                f'{error} Or give a search of your own, as search="beam", which leaves out what '
                "the folder says of it."
            ) from error
        options = {
            "min_length": max(self._number("min_length", 0) - 1, self._number("min_new_tokens", 0)),
            "force_end": self.token("forced_eos_token_id") is not None,
            **repetition,
        }
        if beams == 1:
            return Greedy(**options)
        penalty = fields.get("length_penalty")
        if penalty is not None:
            penalty = number(where, fields, "length_penalty", float, -(2**31))
        return Beam(
            beams,
            1.0 if penalty is None else penalty,
            length_offset=0.0,
            early_stopping=early,
            **options,
        )

    def _repetition(self, beams, end):
        """The options against repetition: a dict."""
        size, penalty = self._number("no_repeat_ngram_size", 0), 1.0
        if size == 1 and self.token("decoder_start_token_id") == end:  # nothing would ever end
            raise self._other("no_repeat_ngram_size", "0, or 2 or more")
        if self.fields.get("repetition_penalty") is not None:
            penalty = number(self.where, self.fields, "repetition_penalty", float, 1e-6)
        if penalty != 1.0 and beams == 1:
            raise self._other("repetition_penalty", "1.0 of a greedy search, where it is of logits")
        return {"no_repeat_ngram": size, "repetition_penalty": penalty}

    def max_length(self):
        """The most tokens behind the decoder's first, or None."""
        if self.fields.get("max_new_tokens") is not None:
            return self._number("max_new_tokens", None, least=1)
        if self.fields.get("max_length") is not None:
            return self._number("max_length", None, least=2) - 1
        return None

    def _number(self, name, default, least=0):
        if self.fields.get(name) is None:
            return default
        return number(self.where, self.fields, name, int, least)

    def _check_never(self, ids):
        """What no search here chooses, padding and the start symbol, may be forbidden."""
        for name, listed in (("bad_words_ids", True), ("suppress_tokens", False)):
            value = self.fields.get(name)
            allowed = [[each] if listed else each for each in sorted(ids - {None})]
            known = isinstance(value, list) and all(
                any(same(each, one) for one in allowed) for each in value
            )
            if value is not None and not known:
                raise self._other(name, f"of {allowed!r}, padding and the start symbol")

    def _other(self, name, expected):
        return ValueError(
            f"Expected {name!r} to be {expected} in {self.where}; received "
            f"{self.fields[name]!r:.80}, which is not supported. Choose another model."
        )


def read_generation(folder, config):
    """The Generation of a folder.

    Args:
        folder: Folder.
        config: dict, what `config.json` holds; it counts without a `generation_config.json`.
    """
    if folder.has(FILE):
        return Generation(str(folder.path / FILE), folder.json(FILE))
    found = {name: value for name, value in config.items() if name in NAMES}
    return Generation(str(folder.path / "config.json"), found)
