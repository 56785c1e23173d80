"""A stand-in for the Hugging Face hub: repositories in memory, over the requests of its client."""

import base64
import hashlib
import http.server
import json
import re
import threading


class Hub:
    """Serves repositories at `address` until `close`.

    Attributes:
        address: str.
        repositories: dict from names to dicts from files' names to their bytes.
        tokens: list of str, what requests were authorised with.
    """

    def __init__(self):
        self.repositories, self.tokens = {}, []
        handler = type("Handler", (_Handler,), {"hub": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def commit_of(self, name):
        """The SHA-1 of what a repository holds."""
        files = self.repositories[name]
        return hashlib.sha1(
            b"".join(key.encode() + files[key] for key in sorted(files))
        ).hexdigest()


class _Handler(http.server.BaseHTTPRequestHandler):
    hub = None

    def log_message(self, *arguments):
        pass

    def answer(self, content, status=200, **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        headers = {"Content-Length": str(len(body))} | headers
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_POST(self):
        self.hub.tokens.append(self.headers.get("Authorization"))
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else self._chunks()
        if self.path == "/api/repos/create":
            asked = json.loads(body)
            name = "/".join(filter(None, [asked.get("organization"), asked["name"]]))
            self.hub.repositories.setdefault(name, {})
            return self.answer({"url": f"{self.hub.address}/{name}", "name": name})
        if self.path == "/api/validate-yaml":
            return self.answer({"errors": [], "warnings": []})
        found = re.fullmatch(r"/api/models/([^/]+/[^/]+)/(preupload|commit)/main", self.path)
        if not found:
            return self.answer({"error": f"no {self.path}"}, 404)
        name, what = found.groups()
        if what == "preupload":
            files = json.loads(body)["files"]
            found = [
                {"path": each["path"], "uploadMode": "regular", "shouldIgnore": False}
                for each in files
            ]
            return self.answer({"files": found})
        for line in body.decode().splitlines():
            line = json.loads(line)
            if line["key"] == "file":
                content = base64.b64decode(line["value"]["content"])
                self.hub.repositories[name][line["value"]["path"]] = content
        commit = self.hub.commit_of(name)
        address = f"{self.hub.address}/{name}/commit/{commit}"
        return self.answer({"commitUrl": address, "commitOid": commit, "pullRequestUrl": None})

    def _chunks(self):
        body = b""
        while size := int(self.rfile.readline() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body

    def do_GET(self):
        path = self.path.partition("?")[0]
        found = re.fullmatch(r"/api/models/([^/]+/[^/]+)(/revision/[^/]+|/tree/.+)?", path)
        if found and found[1] in self.hub.repositories:
            name, files = found[1], self.hub.repositories[found[1]]
            if (found[2] or "").startswith("/tree"):
                listed = [
                    {
                        "type": "file",
                        "path": each,
                        "size": len(files[each]),
                        "oid": _sha(files[each]),
                    }
                    for each in sorted(files)
                ]
                return self.answer(listed)
            described = {"id": name, "sha": self.hub.commit_of(name), "private": False, "tags": []}
            described["siblings"] = [{"rfilename": each} for each in sorted(files)]
            return self.answer(described)
        found = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        content = found and self.hub.repositories.get(found[1], {}).get(found[3])
        if content is None:
            return self.answer({"error": "not found"}, 404, X_Error_Code="RepoNotFound")
        commit = self.hub.commit_of(found[1])
        return self.answer(content, ETag=f'"{_sha(content)}"', X_Repo_Commit=commit)

    do_HEAD = do_GET


def _sha(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
