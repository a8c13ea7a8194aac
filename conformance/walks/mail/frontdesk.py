"""`frontdesk serve` as its operator runs it, and people who sign up there."""

import http.client
import http.cookies
import itertools
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.parse

HOST = "clerk.shop.example"
ORIGIN = "https://shop.example"
PATIENCE = 20


class Frontdesk:
    """A server with a configuration file; the same data at every start."""

    def __init__(self, binary, folder, database=None, master_key=None):
        self.binary, self.folder, self.database = binary, folder, database
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
        if database:
            self.environment |= {"FRONTDESK_DATABASE_URL": database, "FRONTDESK_MASTER_KEY": master_key}
        self.log = []
        self.process = None
        self.addresses = itertools.count(1)

    def start(self, **mail):
        """Starts with these settings of `[mail]`, and waits until it listens."""
        mail = {"from": "no-reply@shop.example", "hello_name": HOST, "timeout": "1s"} | mail
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in mail.items())
        config = os.path.join(self.folder, "frontdesk.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(
                f'public_url = "https://{HOST}"\nlisten = ["127.0.0.1:0"]\ntrusted_proxies = ["127.0.0.1"]\n'
                f'[data]\ndir = "{self.folder}/data"\n[admin]\nlisten = ["127.0.0.1:0"]\n[mail]\n{lines}'
            )
        self.process = subprocess.Popen(
            [self.binary, "serve", "--config", config], stderr=subprocess.PIPE, env=self.environment, text=True
        )
        threading.Thread(target=self._read, args=(self.process, len(self.log)), daemon=True).start()
        begin = len(self.log)
        listening = eventually(lambda: self._line(begin, lambda line: line.get("message") == "listening"), self)
        self.port, self.admin = (int(listening[name].rsplit(":", 1)[1]) for name in ("listen", "admin"))

    def _read(self, process, _):
        for line in process.stderr:
            try:
                self.log.append(json.loads(line))
            except ValueError:
                self.log.append({"message": line})

    def _line(self, begin, wanted):
        return next((line for line in self.log[begin:] if wanted(line)), None)

    def wait_for_line(self, wanted):
        """The first line of the log that is so."""
        return eventually(lambda: self._line(0, wanted), self)

    def stop(self):
        """Asks it to stop; it must end well."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=PATIENCE)
        assert code == 0, f"it ended with {code}"

    def kill(self):
        """Ends it between two instructions."""
        self.process.kill()
        self.process.wait(timeout=PATIENCE)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def command(self, *words):
        """What a command of the command line answers, as JSON."""
        done = self._run(*words)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return json.loads(done.stdout)

    def doctor(self):
        """The exit code of `frontdesk doctor`, and what it found."""
        done = self._run("doctor")
        return done.returncode, json.loads(done.stdout)

    def _run(self, *words):
        return subprocess.run(
            [self.binary, *words, "--data-dir", f"{self.folder}/data", "--json"],
            capture_output=True, cwd=self.folder, env=self.environment, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip

    def metric(self, name, **labels):
        """A number for operators."""
        text = self.request("GET", "/metrics", port=self.admin)[2]
        pairs = ",".join(f'{key}="{value}"' for key, value in labels.items())
        wanted = f"{name}{{{pairs}}}" if pairs else name
        found = re.search(rf"^{re.escape(wanted)} (\S+)$", text, re.MULTILINE)
        return int(float(found[1])) if found else None

    def request(self, method, path, headers=None, body=None, port=None):
        """One request; gives status, headers and text."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body=body, headers={"Host": HOST, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def backend(self, method, path, body=None):
        """One request of the application's server; gives status and JSON."""
        key = self.command("instances", "show", "production")["secret_key"] if not hasattr(self, "key") else self.key
        self.key = key
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        status, _, text = self.request(method, path, headers, json.dumps(body) if body is not None else None)
        return status, json.loads(text)

    def person(self, address):
        return Person(self, address)


class Person:
    """Somebody with a browser who wants an account; each at a network address of their own."""

    def __init__(self, server, address):
        self.server, self.address = server, address
        number = next(server.addresses)
        self.network = f"198.51.{number // 250}.{number % 250 + 1}"
        self.cookies = {}

    def post(self, path, **fields):
        """A form, as clerk-js sends it; gives status and JSON."""
        headers = {
            "Origin": ORIGIN,
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": self.network,
            "X-Forwarded-Proto": "https",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        path = f"/v1{path}?__clerk_api_version=2026-05-12&_clerk_js_version=6.29.3"
        status, answered, text = self.server.request("POST", path, headers, urllib.parse.urlencode(fields))
        for line in answered.get_all("set-cookie", []):
            for name, morsel in http.cookies.SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return status, json.loads(text)

    def begin(self, **fields):
        """Begins a sign-up and has a code sent."""
        status, body = self.post("/client/sign_ups", email_address=self.address, **fields)
        assert status == 200, body
        self.path = f"/client/sign_ups/{body['response']['id']}"
        status, body = self.post(f"{self.path}/prepare_verification", strategy="email_code")
        assert status == 200, body
        return self

    def complete(self, code):
        """Gives the code; there is a session then."""
        status, body = self.post(f"{self.path}/attempt_verification", strategy="email_code", code=code)
        assert status == 200, body
        assert body["response"]["status"] == "complete", body["response"]
        assert body["response"]["created_session_id"].startswith("sess_")
        assert "__client" in self.cookies


def eventually(look, server=None, patience=PATIENCE):
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        if server and server.process.poll() is not None:
            break
        time.sleep(0.02)
    raise AssertionError(f"it did not come to be; the log ends with {server.log[-5:] if server else ''}")
