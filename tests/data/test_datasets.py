"""Named data sets: from a local folder, or from a server at 127.0.0.1."""

import gzip
import hashlib
import http.server
import io
import json
import threading
import zipfile

import pytest

from kerasseq.data import datasets, load
from kerasseq.data.download import download
from kerasseq.data.lines import read_lines

SPLITS = {"train": 6, "val": 2, "test_2016_flickr": 3}


@pytest.fixture
def server():
    """Serves `files`, a dict from path to bytes, and counts the requests."""
    files, asked = {}, []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *arguments):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    running.files, running.asked = files, asked
    running.url = f"http://127.0.0.1:{running.server_address[1]}"
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv("KERASSEQ_DATA", raising=False)
    monkeypatch.setenv("KERASSEQ_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def lines(split, language, count):
    return "".join(f"{split} {language} {number}\n" for number in range(count)).encode()


def write_multi30k(folder):
    for split, count in SPLITS.items():
        for language in ("de", "en", "fr"):
            for room in ("", "tok"):
                path = folder / "multi30k" / room / f"{split}.{language}.gz"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(gzip.compress(lines(room + split, language, count)))


def test_a_local_folder(tmp_path, monkeypatch):
    write_multi30k(tmp_path)
    monkeypatch.setenv("KERASSEQ_DATA", str(tmp_path))
    corpus = load("multi30k", source="de", target="en")
    assert list(corpus.validation) == [("val de 0", "val en 0"), ("val de 1", "val en 1")]
    assert [len(corpus.train), len(corpus.validation), len(corpus.test)] == [6, 2, 3]
    tokenized = load("multi30k", source="en", target="fr", tokenized=True)
    assert next(iter(tokenized.test)) == ("toktest_2016_flickr en 0", "toktest_2016_flickr fr 0")
    assert "Multi30k" in corpus.attribution


def write_dialogsum(folder):
    """60 dialogues with one summary, and as many with three; every third is in both files."""
    for split, space, keys in (
        ("dev", "\n", ["summary"]),
        ("test", " \n", ["summary1", "summary2", "summary3"]),
    ):
        rows = [
            {"dialogue": f"#Person1#: {'' if n % 3 == 0 else split} {n}?{space}#Person2#: No."}
            | {key: f"{key} of {split} {n}" for key in keys}
            for n in range(60)
        ]
        path = folder / "dialogsum" / f"{split}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress("".join(f"{json.dumps(row)}\n" for row in rows).encode()))


def test_dialogues_are_split_whole_and_always_alike(tmp_path, monkeypatch):
    write_dialogsum(tmp_path)
    monkeypatch.setenv("KERASSEQ_DATA", str(tmp_path))
    corpus = load("dialogsum")
    parts = [list(part) for part in _parts(corpus)]
    assert parts == [list(part) for part in _parts(load("dialogsum"))]
    dialogues = [{dialogue for dialogue, _ in part} for part in parts]
    assert all(map(len, dialogues)) and len(dialogues[0]) > 60
    # Whatever its white space, no dialogue is in two parts; of each, every summary is in one.
    assert sum(map(len, dialogues)) == len(set.union(*dialogues)) == 100
    assert sum(map(len, parts)) < 60 + 3 * 60
    dialogue = "#Person1#: test 7? #Person2#: No."
    summaries = [[text for own, text in part if own == dialogue] for part in parts]
    assert sorted(map(len, summaries)) == [0, 0, 3]
    assert "CC BY-NC-SA" in corpus.attribution
    for given in ({"source": "en"}, {"tokenized": True}):
        with pytest.raises(ValueError, match="dialogsum"):
            load("dialogsum", **given)


def _parts(corpus):
    return corpus.train, corpus.validation, corpus.test


@pytest.mark.parametrize("tokenized", [False, True])
def test_multi30k_is_downloaded_once_and_checked(cache, server, monkeypatch, tokenized):
    monkeypatch.setattr(datasets, "MULTI30K", server.url)
    sums = {}
    for split, count in SPLITS.items():
        for language in ("de", "en"):
            content = lines(split, language, count)
            if tokenized:
                server.files[f"/tok/{split}.lc.norm.tok.{language}"] = content
            else:
                server.files[f"/raw/{split}.{language}.gz"] = gzip.compress(content, 1)
            name = f"{'tok/' if tokenized else ''}{split}.{language}.gz"
            sums[name] = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(datasets, "MULTI30K_SHA256", sums)
    corpus = load("multi30k", source="de", target="en", tokenized=tokenized)
    assert list(corpus.validation) == [("val de 0", "val en 0"), ("val de 1", "val en 1")]
    assert len(server.asked) == 6
    load("multi30k", source="de", target="en", tokenized=tokenized)
    assert len(server.asked) == 6
    assert len([path for path in cache.rglob("*") if path.is_file()]) == 6


def test_a_wrong_checksum_leaves_nothing(cache, server):
    server.files["/a.gz"] = gzip.compress(b"another text\n")
    path = cache / "a.gz"
    wanted = hashlib.sha256(b"a text\n").hexdigest()
    with pytest.raises(ValueError, match=f"{wanted[:12]}.*{server.url}/a.gz"):
        download(f"{server.url}/a.gz", path, wanted)
    assert not list(cache.rglob("*"))
    server.files["/a.gz"] = gzip.compress(b"a text\n")
    download(f"{server.url}/a.gz", path, wanted)
    assert list(read_lines(path)) == ["a text"]
    assert [found.name for found in cache.iterdir()] == ["a.gz"]


@pytest.mark.parametrize(
    "name, member", [("a.gz", None), ("a.zip", "swe.txt"), ("other.zip", "swe.txt")]
)
def test_a_damaged_container_leaves_nothing(cache, server, name, member):
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("fra.txt", "a\tb\n")
    server.files |= {
        "/a.gz": gzip.compress(b"text" * 99)[:-12],
        "/a.zip": b"<html>Come back later</html>",
        "/other.zip": other.getvalue(),
    }
    with pytest.raises(
        ValueError, match=rf"{server.url}/{name}.*received \d+ bytes.*KERASSEQ_DATA"
    ):
        download(f"{server.url}/{name}", cache / "a.gz", member=member)
    assert not list(cache.rglob("*"))


def test_no_such_file_and_no_server(cache, server):
    with pytest.raises(OSError, match=r"/a\.gz.*404.*KERASSEQ_DATA"):
        download(f"{server.url}/a.gz", cache / "a.gz")
    with pytest.raises(OSError, match=r"http://127\.0\.0\.1:9/a"):
        download("http://127.0.0.1:9/a", cache / "a.gz")
    assert not list(cache.rglob("*"))


def test_progress_goes_to_stderr(cache, server, capsys):
    server.files["/a"] = b"text\n"
    download(f"{server.url}/a", cache / "a.gz")
    out, err = capsys.readouterr()
    assert out == "" and "a.gz" in err


def tatoeba():
    rows = []
    for number in range(2000):
        rows.append(f"Sentence {number}.\tMening {number}.\tCC-BY 2.0 #{number}\n")
        if number % 3 == 0:
            rows.append(f"Sentence {number}.\tSats {number}.\tCC-BY 2.0 #{number}\n")
    return "".join(rows).encode()


def test_no_english_sentence_of_tatoeba_is_in_two_parts(cache, server, monkeypatch):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("_about.txt", "about")
        file.writestr("swe.txt", tatoeba())
    server.files["/swe-eng.zip"] = archive.getvalue()
    monkeypatch.setattr(datasets, "TATOEBA", f"{server.url}/swe-eng.zip")
    corpus = load("tatoeba", source="en", target="sv")
    parts = [corpus.train, corpus.validation, corpus.test]
    assert sum(map(len, parts)) == 2667
    english = [set(part.sources()) for part in parts]
    assert sum(map(len, english)) == len(set().union(*english)) == 2000
    assert len(english[0]) > 1700 and min(len(english[1]), len(english[2])) > 30
    assert "CC BY 2.0" in corpus.attribution and "tatoeba.org" in corpus.attribution

    other = load("tatoeba", source="sv", target="en")
    assert list(other.test) == list(corpus.test.reversed())
    assert len(server.asked) == 1


def test_parts_of_the_real_tatoeba_share_no_line(data_folder, monkeypatch):
    if data_folder is None:
        pytest.skip("no data folder: name one in KERASSEQ_DATA")
    monkeypatch.setenv("KERASSEQ_DATA", str(data_folder))
    for languages in (("en", "sv"), ("sv", "en")):
        corpus = load("tatoeba", *languages)
        parts = [corpus.train, corpus.validation, corpus.test]
        assert [len(part) for part in parts] == [23_090, 1_022, 982]
        for side in ("sources", "targets"):
            lines = [{line.lower() for line in getattr(part, side)()} for part in parts]
            assert sum(map(len, lines)) == len(set.union(*lines))


def test_a_swedish_sentence_of_two_english_ones_is_in_one_part(cache, server, monkeypatch):
    rows = "".join(f"Sentence {n}.\tMening {n // 2}.\tCC-BY\n" for n in range(2000))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("swe.txt", rows)
    server.files["/swe-eng.zip"] = archive.getvalue()
    monkeypatch.setattr(datasets, "TATOEBA", f"{server.url}/swe-eng.zip")
    corpus = load("tatoeba")
    swedish = [set(part.targets()) for part in (corpus.train, corpus.validation, corpus.test)]
    assert sum(map(len, swedish)) == len(set.union(*swedish)) == 1000
    assert min(map(len, swedish)) > 30


def test_wrong_names():
    with pytest.raises(ValueError, match="received 'wmt'"):
        load("wmt")
    with pytest.raises(ValueError, match="received 'de' and 'de'"):
        load("multi30k", source="de", target="de")
    with pytest.raises(ValueError, match="received 'en' and 'cs'"):
        load("multi30k", source="en", target="cs")
    with pytest.raises(ValueError, match="received 'en' and 'fr'"):
        load("tatoeba", source="en", target="fr")
    with pytest.raises(ValueError, match="tokenized=True.*'numbers'"):
        load("numbers", tokenized=True)
