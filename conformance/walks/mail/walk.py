"""Mails from a real `frontdesk serve` to a mail server that this project did not write, read as mail programs read them.

    python walk.py '{"binary": …, "folder": …, "database_url": null, "master_key": null, "filter": null}'

Prints one line of JSON for each check.
"""

import email.utils
import json
import re
import subprocess
import sys
import time
import traceback
from collections import Counter

from frontdesk import Frontdesk, eventually
from mail_server import (
    DROP,
    GREYLIST,
    PASSWORD,
    REFUSE,
    SLOW,
    TAKE,
    TAKE_AND_DROP,
    TOO_SLOW,
    USERNAME,
    LoginAlone,
    MailServer,
    Plans,
)

# A digest of "password" by bcrypt, made elsewhere; cheap to set.
DIGEST = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie"
SETTINGS = {"attributes": {"password": "optional"}, "application_name": "Shop"}

CHECKS = []


def check(function):
    """A check; its name is its first sentence."""
    CHECKS.append(function)
    return function


class Certificate:
    """A certificate for `localhost`, which nobody trusts who was not told to."""

    def __init__(self, folder):
        self.chain, self.key = f"{folder}/mail.crt", f"{folder}/mail.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
             "-keyout", self.key, "-out", self.chain],
            check=True, capture_output=True,
        )  # fmt: skip


class World:
    """The server, the mail server, and people whose mails take their time."""

    def __init__(self, settings):
        folder = settings["folder"]
        self.certificate = Certificate(folder)
        self.plans = Plans()
        self.mails = MailServer(self.plans, self.certificate)
        self.server = Frontdesk(settings["binary"], folder, settings["database_url"], settings["master_key"])
        with open(f"{folder}/smtp-password", "w", encoding="utf-8") as file:
            file.write(PASSWORD + "\n")
        self.signed_in = {"username": USERNAME, "password_file": f"{folder}/smtp-password"}

    def open(self):
        self.mails.start()
        self.start()
        self.server.command("instances", "settings", "--change", json.dumps(SETTINGS))
        # Begun together, so that nobody waits for another's retry.
        self.patient = {}
        for step in (GREYLIST, DROP, TOO_SLOW, SLOW, TAKE_AND_DROP):
            self.patient[step] = self.begin(f"{step.replace(' ', '-')}@example.com", step)

    def start(self, mails=None, **settings):
        settings = {"host": "localhost", "port": (mails or self.mails).port, "ca_certificates_file": self.certificate.chain} | settings
        self.server.start(**({**self.signed_in, **settings}))

    def restart(self, mails=None, **settings):
        self.server.stop()
        self.start(mails, **settings)

    def begin(self, address, *plan):
        self.plans.plan(address, *plan)
        return self.server.person(address).begin()

    def mail_to(self, address, number=1):
        """The mails to an address, once there are so many."""
        return eventually(lambda: (mails := self.plans.to(address)) and len(mails) >= number and mails, self.server)

    def sign_up(self, address, *plan):
        """Somebody new, from the form to the session; gives the mail that brought the code."""
        person = self.begin(address, *plan)
        mail = self.mail_to(address)[-1]
        person.complete(mail.code)
        return mail

    def close(self):
        self.server.close()
        self.mails.stop()


@check
def a_code_arrives_and_signs_up(world):
    sent_at = time.time()
    mail = world.sign_up("ada@example.com")
    assert mail.is_encrypted and mail.is_signed_in, "TLS, and signed in"
    assert mail.hello == "clerk.shop.example", mail.hello
    assert (mail.sender, mail.receivers) == ("no-reply@shop.example", ["ada@example.com"])
    message = mail.message
    assert message.defects == [] and all(part.defects == [] for part in message.walk()), "no mail program complains"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"], "the best comes last"
    assert re.fullmatch(r"\d{6}", mail.code), message["subject"]
    assert message["subject"] == f"{mail.code} is your code for Shop"
    for kind in ("plain", "html"):
        assert mail.code in mail.part(kind), kind
    assert message["from"].addresses[0].addr_spec == "no-reply@shop.example"
    assert message["from"].addresses[0].display_name == "Shop", "people see whom it is from"
    assert [to.addr_spec for to in message["to"].addresses] == ["ada@example.com"]
    assert re.fullmatch(r"<ema_[0-9A-Za-z]{27}@shop\.example>", message["message-id"]), message["message-id"]
    assert abs(email.utils.parsedate_to_datetime(message["date"]).timestamp() - sent_at) < 60, message["date"]
    assert message["auto-submitted"] == "auto-generated", "so that holiday notes do not answer"
    assert message["mime-version"] == "1.0"
    counts = Counter(name.lower() for name in message.keys())
    assert all(count == 1 for count in counts.values()), counts
    # Nobody can unsubscribe from a code, and it goes to no list.
    assert not [name for name in counts if name.startswith("list-") or name in ("precedence", "bcc", "cc")], counts
    assert "clerk.shop.example" not in mail.part("plain") or "https://" in mail.part("plain")


@check
def every_line_is_one_that_mail_servers_take(world):
    for mail in world.plans.all():
        assert b"\r\n.\r\n" not in mail.raw
        assert b"\n" not in mail.raw.replace(b"\r\n", b""), "no bare line feeds"
        assert b"\r" not in mail.raw.replace(b"\r\n", b""), "no bare carriage returns"
        assert max(len(line) for line in mail.raw.split(b"\r\n")) <= 998, "RFC 5322, 2.1.1"
        assert mail.raw.isascii(), "what is not ASCII is encoded"


@check
def a_mail_for_the_greylist_comes_a_little_later(world):
    person = world.patient[GREYLIST]
    person.complete(world.mail_to(person.address)[0].code)
    assert world.plans.tries_of(person.address) == [GREYLIST, TAKE]
    told = world.server.wait_for_line(lambda line: line["message"] == "a mail is tried again later" and "greylisted" in line["why"])
    assert told["level"] == "WARN" and told["slug"] == "verification_code" and 2 <= told["seconds"] <= 5, told


@check
def a_connection_that_breaks_in_the_middle_loses_nothing(world):
    person = world.patient[DROP]
    person.complete(world.mail_to(person.address)[0].code)
    assert world.plans.tries_of(person.address) == [DROP, TAKE]


@check
def a_mail_server_that_thinks_too_long_is_asked_again(world):
    person = world.patient[TOO_SLOW]
    person.complete(world.mail_to(person.address)[0].code)
    assert world.plans.tries_of(person.address) == [TOO_SLOW, TAKE]


@check
def a_mail_server_that_is_slow_is_waited_for(world):
    person = world.patient[SLOW]
    [mail] = world.mail_to(person.address)
    person.complete(mail.code)
    assert world.plans.tries_of(person.address) == [SLOW]


@check
def a_mail_whose_receipt_was_lost_comes_twice_and_says_so(world):
    person = world.patient[TAKE_AND_DROP]
    first, second = world.mail_to(person.address, 2)
    assert first.message["message-id"] == second.message["message-id"], "mail programs show it once"
    assert first.code == second.code
    person.complete(first.code)


@check
def a_mail_that_is_refused_for_good_is_told_and_not_tried_again(world):
    failed = world.server.metric("frontdesk_mails_total", outcome="failed")
    person = world.begin("nobody@example.com", REFUSE)
    told = world.server.wait_for_line(lambda line: line["message"] == "a mail was refused")
    assert told["level"] == "WARN" and "nobody of that name" in told["why"] and "550" in told["why"], told
    assert told["slug"] == "verification_code" and told["mail"].startswith("ema_"), told
    assert "nobody@example.com" not in json.dumps(told), "whose it was is not in the log"
    eventually(lambda: world.server.metric("frontdesk_mails_total", outcome="failed") == failed + 1)
    # The person asks again, half a minute later or for another address; what was given up is not tried by itself.
    time.sleep(0.3)
    assert world.plans.tries_of(person.address) == [REFUSE]


@check
def names_cannot_write_headers(world):
    evil = "Ada\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>"
    address = "injected@example.com"
    body = {"email_address": [address], "first_name": evil, "password_digest": DIGEST, "password_hasher": "bcrypt"}
    status, user = world.server.backend("POST", "/v1/users", body)
    if status == 422:
        assert user["errors"][0]["meta"]["param_name"] == "first_name", user
        body["first_name"] = "Ada <b>Bcc: all@example.com</b>"
        status, user = world.server.backend("POST", "/v1/users", body)
    assert status == 200, user
    world.server.command("instances", "settings", "--change", json.dumps({"application_name": "Shop\r\nBcc: all@example.com\r\nX: y"}))
    change = {"password_digest": DIGEST, "password_hasher": "bcrypt"}
    status, answer = world.server.backend("PATCH", f"/v1/users/{user['id']}", change)
    assert status == 200, answer
    [mail] = world.mail_to(address)
    code = world.sign_up("injected-code@example.com")
    world.server.command("instances", "settings", "--change", json.dumps(SETTINGS))
    for one in (mail, code):
        assert "bcc" not in one.message and "x" not in one.message, one.head
        assert len(one.receivers) == 1
        assert not re.search(rb"^(bcc|x):", one.head, re.MULTILINE | re.IGNORECASE), one.head
        assert "<script>" not in one.part("html") and "<b>Bcc" not in one.part("html")
        assert [part.get_content_type() for part in one.message.iter_parts()] == ["text/plain", "text/html"]
    assert "all@example.com" not in [mail_to for one in world.plans.all() for mail_to in one.receivers]
    # Nor can whoever writes templates.
    status, answer = world.server.backend("PUT", "/v1/templates/email/verification_code", {"subject": "{{ otp_code }}\r\nBcc: all@example.com"})
    if status == 200:
        mail = world.sign_up("injected-template@example.com")
        assert "bcc" not in mail.message, mail.head
        world.server.backend("POST", "/v1/templates/email/verification_code/revert")
    else:
        assert status == 422, answer


@check
def addresses_with_headers_in_them_are_none(world):
    for address in ("a@example.com\r\nBcc: b@example.com", "a@example.com\nb", "a@example.com>\r\nRCPT TO:<b@example.com", "<a@example.com>"):
        status, body = world.server.person(address).post("/client/sign_ups", email_address=address)
        assert status == 422 and body["errors"][0]["code"] == "form_param_format_invalid", (address, body)


@check
def an_administrator_who_changes_a_password_is_told_of(world):
    address = "grace@example.com"
    body = {"email_address": [address], "first_name": "Grace", "password_digest": DIGEST, "password_hasher": "bcrypt"}
    status, user = world.server.backend("POST", "/v1/users", body)
    assert status == 200, user
    status, answer = world.server.backend("PATCH", f"/v1/users/{user['id']}", {"password_digest": DIGEST, "password_hasher": "bcrypt"})
    assert status == 200, answer
    changed = world.mail_to(address)[0]
    assert "password" in changed.message["subject"].lower() and "Grace" in changed.part("plain")
    status, answer = world.server.backend("POST", f"/v1/users/{user['id']}/remove_password", {})
    assert status == 200, answer
    assert "removed" in world.mail_to(address, 2)[1].part("plain")


@check
def names_of_every_alphabet_are_read_as_they_were_written(world):
    # As long as a subject gets: it must be folded, and read as one line.
    name = "Bücherei der Völkerfreundschaft Übersee — 図書館 и читальный зал 📚 " * 2
    world.server.command("instances", "settings", "--change", json.dumps({"application_name": name.strip()}))
    mail = world.sign_up("reader@xn--bcher-kva.example")
    world.server.command("instances", "settings", "--change", json.dumps(SETTINGS))
    assert mail.receivers == ["reader@xn--bcher-kva.example"]
    assert mail.message["subject"] == f"{mail.code} is your code for {name.strip()}", mail.message["subject"]
    assert mail.sender_name == name.strip(), mail.sender_name
    assert name.strip() in mail.part("plain") and mail.message.defects == []
    assert max(len(line) for line in mail.head.split(b"\r\n")) <= 78, mail.head
    # What browsers send is ASCII; what is not is refused and not sent somewhere else.
    for address in ("jörg@example.com", "ada@bücher.example"):
        status, body = world.server.person(address).post("/client/sign_ups", email_address=address)
        assert status == 422 and body["errors"][0]["code"] == "form_param_format_invalid", body


@check
def a_server_that_is_killed_before_it_delivers_delivers_after(world):
    world.mails.stop()
    begin = len(world.server.log)
    people = [world.begin(f"{name}@example.com") for name in ("joan", "hedy")]
    # Both were tried and put back: a claim that is left behind is another check's.
    put_back = lambda: {line["mail"] for line in world.server.log[begin:] if line["message"] == "a mail is tried again later"}
    eventually(lambda: len(put_back()) == len(people), world.server)
    assert all(world.plans.to(person.address) == [] for person in people)
    world.server.kill()
    world.mails = MailServer(world.plans, world.certificate)
    world.mails.start()
    world.start()
    for person in people:
        [mail] = world.mail_to(person.address)
        person.complete(mail.code)


@check
def a_server_that_is_killed_while_it_delivers_delivers_after(world):
    # The mail server thinks about it when the server dies; a claim is left behind.
    person = world.begin("edith@example.com", TOO_SLOW)
    eventually(lambda: world.plans.tries_of(person.address) == [TOO_SLOW])
    world.server.kill()
    world.start()
    if world.server.database:
        # Another node may be at it, for all that this one knows: the claim runs out after five minutes.
        assert world.plans.tries_of(person.address) == [TOO_SLOW]
        return
    [mail] = world.mail_to(person.address)
    person.complete(mail.code)


@check
def implicit_tls_and_the_older_way_of_signing_in_work(world):
    with MailServer(world.plans, world.certificate, implicit=True, protocol=LoginAlone) as mails:
        world.restart(mails, tls="implicit", reply_to="Help <help@shop.example>", envelope_from="bounces@shop.example", **{"from": "The Shop <no-reply@shop.example>"})
        mail = world.sign_up("implicit@example.com")
        assert mail.is_encrypted and mail.is_signed_in and mail.sender == "bounces@shop.example"
        assert mail.message["reply-to"].addresses[0].addr_spec == "help@shop.example"
        assert mail.message["from"].addresses[0].display_name == "The Shop"


@check
def a_wrong_password_is_told_and_not_written_down(world):
    begin = len(world.server.log)
    with MailServer(world.plans, world.certificate) as mails:
        world.restart(mails, password_file=world.certificate.key)
        world.begin("waiting@example.com")
        told = eventually(lambda: world.server._line(begin, lambda line: line["message"] == "a mail is tried again later"), world.server)
        assert "535" in told["why"], told
        assert world.plans.to("waiting@example.com") == []
        code, findings = world.server.doctor()
        [mail] = [finding for finding in findings if finding["subject"] == "mail"]
        assert code == 1 and mail["outcome"] == "wrong" and "535" in mail["says"], mail
        # With the right one the mail goes, which was written before.
        world.restart(mails)
        world.mail_to("waiting@example.com")
        code, findings = world.server.doctor()
        assert code == 0 and {"good"} == {finding["outcome"] for finding in findings if finding["subject"] == "mail"}, findings
        assert PASSWORD not in json.dumps(findings, ensure_ascii=False)


@check
def nothing_is_sent_in_clear_or_to_strangers(world):
    with MailServer(world.plans, None, wants_sign_in=False) as mails:
        world.restart(mails)
        begin = len(world.server.log)
        world.begin("clear@example.com")
        told = eventually(lambda: world.server._line(begin, lambda line: line["message"] == "a mail is tried again later"), world.server)
        assert "STARTTLS" in told["why"].upper(), told
    world.restart(ca_certificates_file=world.other_certificate)
    begin = len(world.server.log)
    world.begin("stranger@example.com")
    told = eventually(lambda: world.server._line(begin, lambda line: line["message"] == "a mail is tried again later"), world.server)
    assert "certificate" in told["why"].lower(), told
    assert world.plans.to("clear@example.com") == [] and world.plans.to("stranger@example.com") == []


@check
def no_mail_came_twice_and_no_secret_is_in_the_log(world):
    counts = Counter(mail.message["message-id"] for mail in world.plans.all())
    twice = world.plans.to(world.patient[TAKE_AND_DROP].address)[0].message["message-id"]
    assert [number for number in counts.items() if number[1] > 1] == [(twice, 2)], counts
    log = json.dumps(world.server.log)
    for mail in world.plans.all():
        if re.fullmatch(r"\d{6}", mail.code):
            assert not re.search(rf"(?<!\d){mail.code}(?!\d)", log), "a code in the log"
        for receiver in mail.receivers:
            assert receiver not in log, receiver
    assert PASSWORD not in log and json.dumps(PASSWORD)[1:-1] not in log


def main():
    settings = json.loads(sys.argv[1])
    world = World(settings)
    other = f"{settings['folder']}/other"
    subprocess.run(["mkdir", "-p", other], check=True)
    world.other_certificate = Certificate(other).chain
    try:
        world.open()
        for function in CHECKS:
            name = f"mail: {function.__name__.replace('_', ' ')}"
            if settings.get("filter") and settings["filter"] not in name:
                continue
            began = time.monotonic()
            outcome = {"name": name, "outcome": "passed"}
            try:
                function(world)
            except Exception:  # noqa: BLE001 a check may fail in any way
                outcome |= {"outcome": "failed", "error": traceback.format_exc()}
            outcome["seconds"] = round(time.monotonic() - began, 2)
            print(json.dumps(outcome), flush=True)
    finally:
        world.close()


if __name__ == "__main__":
    main()
