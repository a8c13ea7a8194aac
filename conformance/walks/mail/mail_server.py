"""A mail server that nobody of this project wrote (aiosmtpd), and what it is told to do with each mail."""

import asyncio
import email
import email.header
import email.policy
import logging
import socket
import ssl
import threading
import time
import warnings
from collections import defaultdict

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# What it says of its own ways is not for whoever reads the walk.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", module="aiosmtpd")

USERNAME = "frontdesk"
PASSWORD = "pa55 wörd, not to be logged"

TAKE = "take"
GREYLIST = "greylist"
REFUSE = "refuse"
DROP = "drop"
TAKE_AND_DROP = "take and drop"
SLOW = "slow"
TOO_SLOW = "too slow"

# Longer than the server is told to wait for an answer.
LONGER_THAN_PATIENCE = 1.6


class Received:
    """A mail that was taken, with its circumstances."""

    def __init__(self, server, session, envelope):
        self.raw = envelope.original_content
        self.sender = envelope.mail_from
        self.receivers = list(envelope.rcpt_tos)
        self.is_encrypted = server.transport.get_extra_info("sslcontext") is not None
        self.is_signed_in = session.authenticated
        self.hello = session.host_name
        self.at = time.time()
        self.message = email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def sender_name(self):
        """The name beside the sender's address, by RFC 2047; the newer parser puts spaces between encoded words."""
        return str(email.header.make_header(email.header.decode_header(email.message_from_bytes(self.raw)["from"]))).rsplit(" <")[0]

    @property
    def head(self):
        """The head as it came over the wire."""
        return self.raw.split(b"\r\n\r\n", 1)[0]

    def part(self, kind):
        return self.message.get_body(preferencelist=(kind,)).get_content()

    @property
    def code(self):
        """The code, as a person reads it: from the subject."""
        return self.message["subject"].split(" ")[0]


class Plans:
    """What becomes of the mails to each address, one after the other; and what has become of them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.plans = defaultdict(list)
        self.tries = defaultdict(list)
        self.received = []

    def plan(self, address, *steps):
        with self.lock:
            self.plans[address] = list(steps)

    def next(self, address):
        with self.lock:
            plan = self.plans[address]
            step = plan.pop(0) if plan else TAKE
            self.tries[address].append(step)
            return step

    def take(self, received):
        with self.lock:
            self.received.append(received)

    def to(self, address):
        """The mails that were taken for an address, oldest first."""
        with self.lock:
            return [mail for mail in self.received if address in mail.receivers]

    def tries_of(self, address):
        with self.lock:
            return list(self.tries[address])

    def all(self):
        with self.lock:
            return list(self.received)


class Handler:
    """Does with each mail what was planned for it."""

    def __init__(self, plans):
        self.plans = plans

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 the name is aiosmtpd's
        step = self.plans.next(address)
        if step == GREYLIST:
            return "451 4.7.1 greylisted, come back later"
        if step == REFUSE:
            return "550 5.1.1 nobody of that name here"
        envelope.rcpt_tos.append(address)
        session.step = step
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if session.step == DROP:
            server.transport.abort()
            return "421 gone"
        if session.step == SLOW:
            await asyncio.sleep(0.7)
        if session.step == TOO_SLOW:
            await asyncio.sleep(LONGER_THAN_PATIENCE)
            server.transport.abort()
            return "421 gone"
        self.plans.take(Received(server, session, envelope))
        if session.step == TAKE_AND_DROP:
            server.transport.abort()
        return "250 OK"


class LoginAlone(SMTP):
    """Knows the older way of signing in alone, as some servers do."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auth_exclude_mechanism=["PLAIN"], **kwargs)


class MailServer:
    """A mail server on a port of this machine."""

    def __init__(self, plans, certificate=None, *, implicit=False, port=0, protocol=SMTP, wants_sign_in=True):
        context = None
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate.chain, certificate.key)
        settings = {"hostname": "mx.shop.example", "enable_SMTPUTF8": True}
        if wants_sign_in:
            settings |= {"auth_required": True, "authenticator": authenticate}
        if implicit:
            # This server counts STARTTLS alone as encryption; here there is nothing else.
            settings |= {"auth_require_tls": False}
        elif context:
            settings |= {"tls_context": context, "require_starttls": True}

        class Own(Controller):
            def factory(self):
                return protocol(self.handler, **self.SMTP_kwargs)

        port = port or free_port()
        self.controller = Own(
            Handler(plans), hostname="127.0.0.1", port=port, ssl_context=context if implicit else None, ready_timeout=20,
            server_kwargs=settings,
        )  # fmt: skip
        self.port = port

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.controller.start()

    def stop(self):
        self.controller.stop(no_assert=True)


def authenticate(server, session, envelope, mechanism, data):
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USERNAME.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=is_right, handled=False)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
