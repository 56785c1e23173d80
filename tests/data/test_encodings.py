"""Another encoding is refused with the likely one; text decoded wrongly before is noticed."""

import gzip
import io
import warnings

import pytest

from kerasseq.data import CaptionedImages, LabelledText, ParallelText, QuestionAnswers, TaggedText
from kerasseq.data.lines import count_lines, cut_lines, read_lines

TEXTS = {
    "latin-1": ("Grüße aus Köln\nschöne Tür\n", "cp1252"),
    "cp1252": ("„Grüße“ aus Köln – schön…\n", "cp1252"),
    "utf-16": ("Grüße aus Köln\nschöne Tür\n", "utf_16"),
    "utf-16-le": ("Grüße aus Köln\nschöne Tür\n", "utf_16_le"),
    "utf-16-be": ("hello there\nall is well\n", "utf_16_be"),
    "gbk": ("今天天气很好，我们去公园散步吧。\n", "gb18030"),
    "big5": ("今天天氣很好，我們去公園散步吧。\n", "big5"),
    "cp932": ("駅はどこですか。\n", "cp932"),
    "cp949": ("안녕하세요 오늘 날씨가 좋습니다\n", "cp949"),
    "cp1251": ("Привет, как дела? Сегодня хорошая погода.\n", "cp1251"),
    "koi8-r": ("Привет, как дела? Сегодня хорошая погода.\n", "koi8_r"),
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_another_encoding_is_refused_and_the_likely_one_named(tmp_path, encoding):
    text, likely = TEXTS[encoding]
    plain = "" if encoding.startswith("utf-16") else "an English line\n"
    path = tmp_path / "text.txt"
    path.write_bytes((plain + text).encode(encoding))
    number = 1 + plain.count("\n")
    with pytest.raises(
        ValueError,
        match=rf'utf-8 in line {number} of .*text\.txt; .*, likely {likely}: .*encoding="{likely}"',
    ):
        count_lines(path)
    assert list(read_lines(path, encoding)) == (plain + text).splitlines()
    assert list(read_lines(path, likely)) == (plain + text).splitlines()
    with pytest.raises(ValueError, match=f"line {number} of standard input"):
        list(cut_lines(io.BytesIO(path.read_bytes()), "standard input"))


def test_bytes_that_are_no_text_in_any_encoding_and_unknown_encodings(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"fine\n\xff\xc3\x81\x8d\x8f\x00\n")
    with pytest.raises(ValueError, match="in line 2 of"):
        count_lines(path)
    for encoding in ("nothing", "base64", "rot13", 3):
        with pytest.raises(ValueError, match="Expected an encoding that Python knows"):
            list(read_lines(path, encoding))
    path.write_bytes("ab\n".encode("utf-16") + b"\x00")
    with pytest.raises(ValueError, match="received other bytes after line"):
        list(read_lines(path, "utf-16"))


def test_every_reader_takes_an_encoding(tmp_path):
    def write(text, name="file"):
        path = tmp_path / name
        content = text.encode("cp1252")
        path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
        return path

    squad = '{"data": [{"paragraphs": [{"context": "schön", "qas": [{"question": "für", '
    squad += '"answers": []}]}]}]}'
    (tmp_path / "für.png").write_bytes(b"")
    readers = {
        ParallelText.from_tsv: ("für\tschön\n", [("für", "schön")]),
        ParallelText.from_csv: ("für,schön\n", [("für", "schön")]),
        LabelledText.from_lines: ("für schön\n", [("schön", "für")]),
        LabelledText.from_csv: ("für,schön\n", [("schön", "für")]),
        TaggedText.from_conll: ("schön für\n", [(["schön"], ["für"])]),
        QuestionAnswers.from_squad: (squad, [("für", "schön", [], "")]),
        lambda path, **options: CaptionedImages.from_tsv(path, tmp_path, **options): (
            "image\tcaption\nfür.png\tschön\n",
            [(str(tmp_path / "für.png"), "schön")],
        ),
        lambda path, **options: ParallelText.from_files(path, path, **options): (
            "schön\n",
            [("schön", "schön")],
        ),
    }
    for read, (text, expected) in readers.items():
        for name in ("file", "file.gz"):
            path = write(text, name)
            assert list(read(path, encoding="cp1252")) == expected
            with pytest.raises(ValueError, match=r"in utf-8 in line \d of .*file.*likely"):
                read(path)


@pytest.mark.parametrize("wrong", ["cp1252", "mac_roman", "latin-1"])
def test_mojibake_is_noticed_once(tmp_path, wrong):
    text = "a plain line\nüber große Häuser\nnaïve café\n".encode().decode(wrong)
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.warns(UserWarning, match=r"mojibake in 2 of 2 .*line 2 first") as noticed:
        corpus = ParallelText.from_files(path, path)
    assert len(noticed) == 2  # a file each
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(corpus)) == 3


def test_mojibake_late_in_a_long_file_is_noticed(tmp_path):
    good, bad = "schöne Häuser\n", "schöne Häuser\n".encode().decode("cp1252")
    path = tmp_path / "text.txt"
    path.write_text(good * 1000 + bad * 100, encoding="utf-8")
    with pytest.warns(UserWarning, match=r"mojibake in \d of \d+ lines looked at"):
        count_lines(path)


def test_a_chance_in_another_encoding_is_no_utf8(tmp_path):
    """Of GBK some words are UTF-8 too, but no text is."""
    path = tmp_path / "text.txt"
    for text in ("联\n", "a 联\n我们去公园散步吧\n", "hello\n", "Привет, как дела?\n"):
        for encoding in ("gbk", "utf-16-le", "utf-16"):
            path.write_bytes(text.encode(encoding))
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # and the file is closed
                assert list(read_lines(path, encoding)) == text.splitlines()


def test_lost_letters_are_noticed(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("Gr\ufffde,a\nfine,b\n", encoding="utf-8")
    with pytest.warns(UserWarning, match=r"lost letters, in 1 lines"):
        LabelledText.from_csv(path, [0], 1)


def test_real_text_is_not_suspected(data_folder):
    if data_folder is None:
        pytest.skip("no data folder: name one in KERASSEQ_DATA")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for language in ("de", "en", "fr"):
            assert count_lines(data_folder / "multi30k" / f"train.{language}.gz") == 29_000
        assert count_lines(data_folder / "tatoeba_en_sv" / "pairs.tsv.gz") > 20_000
        assert len(TaggedText.from_conll(data_folder / "wnut17" / "train.conll")) > 3000
