"""What the checks of the Python walk stand on: the world around the SDK, and assertions about its resources."""

import base64
import json
import re
import secrets
import time
import traceback

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from clerk_backend_api import Clerk, models

UNKNOWN_USER = "user_2nZ0000000000000000000000ab"
TEST_CODE = "424242"
ORIGIN = "http://localhost:3000"


class World:
    """The SDK, the relay it asks, and the same instance asked by other ways."""

    def __init__(self, settings):
        self.relay_url = settings["relay_url"]
        self.instance = settings["instance"]
        self.frontend_url = settings["frontend_url"]
        self.secret_key = self.instance["secret_key"]
        # By default the SDK asks again for an hour after any 5XX, a 501 included.
        self.clerk = Clerk(bearer_auth=self.secret_key, server_url=f"{self.relay_url}/v1", retry_config=None)
        self.backend = httpx.Client(
            base_url=settings["server_url"],
            headers={"authorization": f"Bearer {self.secret_key}", "clerk-api-version": "2025-11-10"},
        )

    def word(self):
        """A word that nothing else on this server contains."""
        return secrets.token_hex(6)

    def email(self, word=None):
        return f"{word or self.word()}+clerk_test@example.com"

    def password(self):
        return f"Correct horse {secrets.token_hex(8)}!"

    def person(self, **members):
        """A person made by the SDK, with address and password beside."""
        address, password = self.email(), self.password()
        given = {"email_address": [address], "password": password} | members
        return self.clerk.users.create(**given), address, password

    def browser(self):
        """A browser with cookies of its own, on the Frontend API."""
        return Browser(self.frontend_url)

    def sign_in(self, address, password):
        """The status and the first error code of a sign-in by password, and the new session's id."""
        body = self.browser().post("/client/sign_ins", identifier=address, password=password)
        response = body.get("response") or {}
        return response.get("status"), first_code(body), response.get("created_session_id")

    def redeem(self, ticket):
        """The status of a sign-in by ticket."""
        body = self.browser().post("/client/sign_ins", strategy="ticket", ticket=ticket)
        return (body.get("response") or {}).get("status")


class Browser:
    """Speaks to the Frontend API as clerk-js does."""

    def __init__(self, frontend_url):
        self.client = httpx.Client(base_url=f"{frontend_url}/v1", headers={"origin": ORIGIN})
        self.version = {"__clerk_api_version": "2026-05-12", "_clerk_js_version": "6.29.3"}

    def post(self, path, **fields):
        return self.client.post(path, params=self.version, data=fields).json()

    def sign_up(self, world):
        """Somebody new, signed in; gives address and session id."""
        address = world.email()
        body = self.post("/client/sign_ups", email_address=address, password=world.password())
        path = f"/client/sign_ups/{body['response']['id']}"
        self.post(f"{path}/prepare_verification", strategy="email_code")
        body = self.post(f"{path}/attempt_verification", strategy="email_code", code=TEST_CODE)
        assert body["response"]["status"] == "complete", body
        return address, body["response"]["created_session_id"]


def first_code(body):
    errors = body.get("errors") or [{}]
    return errors[0].get("code")


def equal(seen, wanted, what=""):
    assert seen == wanted, f"{what}: {seen!r} is not {wanted!r}"


def is_id(value, prefix):
    assert re.fullmatch(rf"{prefix}_[0-9A-Za-z]{{27}}", value), value


def is_recent(value):
    assert isinstance(value, int) and abs(time.time() * 1000 - value) < 120_000, value


def refused(status, code, call, *args, parameter=None, **kwargs):
    """The call must be refused with one of the SDK's own errors, in the contract's shape; gives the first error.

    Where the contract describes no body for a status, the SDK raises its plain `SDKError` instead of `ClerkErrors`.
    """
    try:
        answer = call(*args, **kwargs)
    except models.ClerkBaseError as error:
        first = models.ClerkErrorsData.model_validate_json(error.body).errors[0]
        equal((error.status_code, first.code), (status, code), error.body)
        assert first.message and first.long_message
        assert re.fullmatch(r"\w{16,}", json.loads(error.body)["clerk_trace_id"]), error.body
        if parameter:
            equal((first.meta or {}).get("param_name"), parameter, "parameter")
        return first
    raise AssertionError(f"expected {status} {code}, got {answer!r}")


def claims_of(jwt):
    """What a token says, unverified."""
    middle = jwt.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


def pem_of(jwk):
    """A public key of the key set as the SDK takes it."""
    key = RSAAlgorithm.from_jwk(json.dumps(jwk))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Checks:
    """The checks, run as they are declared; the relay is told how each one ended."""

    def __init__(self, world, only):
        self.world = world
        self.only = only

    def check(self, name):
        def run(function):
            if self.only and self.only not in name:
                return function
            outcome = {"name": name, "outcome": "passed"}
            try:
                function()
            except Exception as error:  # noqa: BLE001 a check may fail in any way
                outcome |= {"outcome": "failed", "error": told(error)}
            httpx.post(f"{self.world.relay_url}/-/outcome", json=outcome)
            return function

        return run


def told(error):
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    places = "\n".join(f"    at {frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.line}" for frame in frames)
    return f"{type(error).__name__}: {str(error)[:1500]}\n{places}"
