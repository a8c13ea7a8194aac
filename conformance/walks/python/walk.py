"""Walks the official Python SDK through the Backend API.

Started by ../lib/python.mjs with one JSON argument. Every reply must parse into the SDK's strict models, and what
was written is read back.
"""

import base64
import hashlib
import hmac
import json
import struct
import sys
import time

import httpx

from clerk_backend_api import models
from clerk_backend_api.security import authenticate_request
from clerk_backend_api.security.types import AuthenticateRequestOptions

from lib import UNKNOWN_USER, Checks, World, claims_of, equal, is_id, is_recent, pem_of, refused
from probe import probe

settings = json.loads(sys.argv[1])
world = World(settings)
clerk = world.clerk
users = clerk.users
check = Checks(world, settings.get("filter")).check

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAADklEQVR4nGNoAAMGCAUAKg4GARWeQtcAAAAASUVORK5CYII="
)
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def totp():
    """The code of this half minute (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(TOTP_SECRET), counter, hashlib.sha1).digest()
    start = digest[19] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def session_of(user):
    return clerk.sessions.create(request={"user_id": user.id})


def dumped(resource):
    return resource.model_dump()


# People


@check("users: what is given at creation is read back, whole")
def _():
    word = world.word()
    given = {
        "external_id": f"ext-{word}",
        "first_name": "Ada",
        "last_name": "Byron",
        "public_metadata": {"plan": "pro", "nested": {"list": [1, {"two": None}], "flag": False}},
        "private_metadata": {"note": "ünïcödé"},
        "unsafe_metadata": {"theme": "dark"},
        "created_at": "2023-04-05T06:07:08.900Z",
        "delete_self_enabled": False,
        "create_organizations_limit": 3,
        "legal_accepted_at": "2024-01-02T03:04:05.000Z",
        "locale": "de-CH",
    }
    user, address, _ = world.person(**given)
    is_id(user.id, "user")
    for name in ["external_id", "first_name", "last_name", "public_metadata", "private_metadata", "unsafe_metadata"]:
        equal(getattr(user, name), given[name], name)
    equal(user.created_at, 1_680_674_828_900)
    equal(user.legal_accepted_at, 1_704_164_645_000)
    equal((user.delete_self_enabled, user.create_organizations_limit, user.locale), (False, 3, "de-CH"))
    is_recent(user.updated_at)
    is_recent(user.password_last_updated_at)
    equal((user.password_enabled, user.totp_enabled, user.two_factor_enabled, user.banned, user.locked), (True,) + (False,) * 4)
    equal((user.last_sign_in_at, user.last_active_at, user.username), (None, None, None))
    [email] = user.email_addresses
    is_id(email.id, "idn")
    equal((email.email_address, user.primary_email_address_id), (address, email.id))
    equal(email.verification.status, "verified")
    equal(dumped(users.get(user_id=user.id)), dumped(user))


@check("users: refusals name the parameter")
def _():
    _, address, password = world.person()
    refused(422, "form_identifier_exists", users.create, email_address=[address], password=password, parameter="email_address")
    refused(422, "form_param_format_invalid", users.create, email_address=["no address"], password=password, parameter="email_address")
    refused(422, "form_password_length_too_short", users.create, email_address=[world.email()], password="short", parameter="password")
    refused(404, "resource_not_found", users.get, user_id=UNKNOWN_USER)
    refused(404, "resource_not_found", users.update, user_id=UNKNOWN_USER, first_name="x")
    refused(404, "resource_not_found", users.delete, user_id=UNKNOWN_USER)


@check("users: a wrong secret key is refused")
def _():
    stranger = World(settings | {"instance": world.instance | {"secret_key": "sk_test_nothing"}}).clerk
    refused(401, "clerk_key_invalid", stranger.users.get, user_id=UNKNOWN_USER)


@check("users: lists are filtered, ordered, paged and counted")
def _():
    word = world.word()
    people = []
    for index, first_name in enumerate(["Carol", "Alice", "Bob", "Dave", "Eve"]):
        day = f"2022-01-0{index + 1}T00:00:00Z"
        people.append(world.person(first_name=first_name, last_name=word, external_id=f"{word}-{index}", created_at=day)[0])
    ids = [user.id for user in people]

    def found(**query):
        return [user.id for user in users.list(request=query)]

    equal(found(query=word), ids[::-1], "newest first")
    equal(found(query=word, order_by="+created_at"), ids)
    equal(found(query=word, order_by="+first_name"), [ids[index] for index in (1, 2, 0, 3, 4)])
    equal(found(query=word, order_by="+created_at", limit=2, offset=2), ids[2:4])
    equal(found(user_id=[ids[1], ids[3]], order_by="+created_at"), [ids[1], ids[3]])
    equal(found(external_id=[f"{word}-2", f"{word}-4"], order_by="+created_at"), [ids[2], ids[4]])
    addresses = [user.email_addresses[0].email_address for user in people]
    equal(found(email_address=addresses[:2], order_by="+created_at"), ids[:2])
    equal(found(name_query=f"bob {word}"), [ids[2]], "a name is found")
    equal(found(email_address_query=addresses[4].split("+")[0]), [ids[4]])
    equal(found(query=word, created_at_after=people[2].created_at, order_by="+created_at"), ids[3:])
    equal(found(query=word, created_at_before=people[2].created_at, order_by="+created_at"), ids[:2])
    equal(found(query="no such person anywhere"), [])
    equal(users.count(request={"query": word}).total_count, 5)
    equal(users.count(request={"user_id": ids[:3]}).total_count, 3)
    users.ban(user_id=ids[0])
    equal(found(query=word, banned=True), [ids[0]])
    equal(users.count(request={"query": word, "banned": True}).total_count, 1)
    refused(422, "form_param_value_invalid", users.list, request={"limit": 0})
    refused(422, "form_param_value_invalid", users.list, request={"order_by": "password"})


@check("users: what is changed is read back, null clears, the rest is kept")
def _():
    user, _, _ = world.person(first_name="Ada", last_name="Byron", external_id=world.word())
    changed = users.update(user_id=user.id, first_name="Augusta", external_id=None, create_organizations_limit=7)
    equal((changed.first_name, changed.last_name, changed.external_id), ("Augusta", "Byron", None))
    equal(changed.create_organizations_limit, 7)
    equal(dumped(users.get(user_id=user.id)), dumped(changed))


@check("users: a changed password is the one that counts")
def _():
    user, address, password = world.person()
    fresh = world.password()
    users.update(user_id=user.id, password=fresh, sign_out_of_other_sessions=True)
    equal(world.sign_in(address, password)[1], "form_password_incorrect")
    equal(world.sign_in(address, fresh)[0], "complete")


@check("users: metadata is merged deeply, and null removes")
def _():
    user, _, _ = world.person(public_metadata={"a": {"b": 1, "c": 2}, "list": [1, 2], "gone": "x"})
    changed = users.update_metadata(
        user_id=user.id,
        public_metadata={"a": {"c": 3, "d": {"e": 4}}, "list": [3], "gone": None},
        private_metadata={"p": "q"},
    )
    wanted = {"a": {"b": 1, "c": 3, "d": {"e": 4}}, "list": [3]}
    equal((changed.public_metadata, changed.private_metadata), (wanted, {"p": "q"}))
    equal(users.get(user_id=user.id).public_metadata, wanted)


@check("users: metadata is replaced")
def _():
    user, _, _ = world.person(public_metadata={"a": 1}, private_metadata={"b": 2})
    changed = users.replace_metadata(user_id=user.id, public_metadata={"c": 3})
    equal((changed.public_metadata, changed.private_metadata), ({"c": 3}, {"b": 2}))


@check("users: banned and unbanned, one by one")
def _():
    user, address, password = world.person()
    equal(users.ban(user_id=user.id).banned, True)
    equal(world.sign_in(address, password)[1], "user_banned")
    equal(users.unban(user_id=user.id).banned, False)
    equal(world.sign_in(address, password)[0], "complete")


@check("users: banned and unbanned, many at once")
def _():
    ids = [world.person()[0].id for _ in range(3)]
    equal(sorted((user.id, user.banned) for user in users.bulk_ban(user_ids=ids)), sorted((id, True) for id in ids))
    equal([users.get(user_id=id).banned for id in ids], [True] * 3)
    equal(sorted((user.id, user.banned) for user in users.bulk_unban(user_ids=ids)), sorted((id, False) for id in ids))
    equal([users.get(user_id=id).banned for id in ids], [False] * 3)


@check("users: locked and unlocked")
def _():
    user, address, password = world.person()
    equal(users.lock(user_id=user.id).locked, True)
    equal(users.get(user_id=user.id).locked, True)
    equal(world.sign_in(address, password)[1], "user_locked")
    equal(users.unlock(user_id=user.id).locked, False)
    equal(world.sign_in(address, password)[0], "complete")


@check("users: a password is verified")
def _():
    user, _, password = world.person()
    equal(users.verify_password(user_id=user.id, password=password).verified, True)
    refused(422, "incorrect_password", users.verify_password, user_id=user.id, password="not this one")


@check("users: a password is removed")
def _():
    user, address, password = world.person()
    equal(users.remove_password(user_id=user.id).password_enabled, False)
    assert world.sign_in(address, password)[0] != "complete"


@check("users: a compromised password must be changed")
def _():
    user, address, password = world.person()
    users.set_password_compromised(user_id=user.id)
    assert world.sign_in(address, password)[0] != "complete"
    users.unset_password_compromised(user_id=user.id)
    equal(world.sign_in(address, password)[0], "complete")


@check("users: second factors are imported, verified and taken away")
def _():
    user, _, _ = world.person(totp_secret=TOTP_SECRET, backup_codes=["abcd1234", "efgh5678"])
    equal((user.totp_enabled, user.backup_code_enabled, user.two_factor_enabled), (True,) * 3)
    verified = users.verify_totp(user_id=user.id, code=totp())
    equal((verified.verified, verified.code_type), (True, "totp"))
    users.delete_backup_codes(user_id=user.id)
    equal(users.get(user_id=user.id).backup_code_enabled, False)
    users.delete_totp(user_id=user.id)
    equal(users.get(user_id=user.id).totp_enabled, False)
    other, _, _ = world.person(totp_secret=TOTP_SECRET)
    equal(users.disable_mfa(user_id=other.id).user_id, other.id)
    equal(users.get(user_id=other.id).two_factor_enabled, False)


@check("users: a picture is uploaded and taken away")
def _():
    user, _, _ = world.person()
    file = {"file_name": "dot.png", "content": PNG, "content_type": "image/png"}
    shown = users.set_profile_image(user_id=user.id, file=file)
    equal(shown.has_image, True)
    equal(httpx.get(shown.image_url).status_code, 200)
    equal(users.delete_profile_image(user_id=user.id).has_image, False)


@check("users: a deleted person is gone")
def _():
    user, address, password = world.person()
    deleted = users.delete(user_id=user.id)
    equal((deleted.object, deleted.id, deleted.deleted), ("user", user.id, True))
    refused(404, "resource_not_found", users.get, user_id=user.id)
    equal(world.sign_in(address, password)[1], "form_identifier_not_found")


# E-mail addresses


@check("email addresses: added, verified, made primary, deleted")
def _():
    user, _, password = world.person()
    address = world.email()
    added = clerk.email_addresses.create(request={"user_id": user.id, "email_address": address})
    is_id(added.id, "idn")
    assert added.verification is None or added.verification.status != "verified"
    equal(dumped(clerk.email_addresses.get(email_address_id=added.id)), dumped(added))
    verified = clerk.email_addresses.update(email_address_id=added.id, verified=True)
    equal(verified.verification.status, "verified")
    clerk.email_addresses.update(email_address_id=added.id, primary=True)
    equal(users.get(user_id=user.id).primary_email_address_id, added.id)
    equal(world.sign_in(address, password)[0], "complete")
    deleted = clerk.email_addresses.delete(email_address_id=user.primary_email_address_id)
    equal(deleted.deleted, True)
    equal([one.id for one in users.get(user_id=user.id).email_addresses], [added.id])


@check("email addresses: proven by a code")
def _():
    user, _, _ = world.person()
    added = clerk.email_addresses.create(request={"user_id": user.id, "email_address": world.email()})
    prepared = clerk.email_addresses.prepare_verification(email_address_id=added.id)
    attempt = {"email_address_id": added.id, "verification_id": prepared.id}
    clerk.email_addresses.attempt_verification(**attempt, code="424242")
    equal(clerk.email_addresses.get(email_address_id=added.id).verification.status, "verified")


@check("email addresses: replaced at once")
def _():
    user, _, _ = world.person()
    address = world.email()
    clerk.email_addresses.replace_for_user(user_id=user.id, email_address=address)
    equal([one.email_address for one in users.get(user_id=user.id).email_addresses], [address])


# Sessions, tokens, clients


@check("sessions: made, read, listed, revoked")
def _():
    user, _, _ = world.person()
    session = session_of(user)
    is_id(session.id, "sess")
    equal((session.user_id, session.status), (user.id, "active"))
    is_recent(session.created_at)
    equal(dumped(clerk.sessions.get(session_id=session.id)), dumped(session))
    equal([one.id for one in clerk.sessions.list(user_id=user.id)], [session.id])
    equal([one.id for one in clerk.sessions.list(client_id=session.client_id)], [session.id])
    equal(clerk.sessions.revoke(session_id=session.id).status, "revoked")
    equal([one.id for one in clerk.sessions.list(user_id=user.id, status=models.QueryParamStatus.ACTIVE)], [])
    equal([one.id for one in clerk.sessions.list(user_id=user.id, status=models.QueryParamStatus.REVOKED)], [session.id])


@check("sessions: one that began in a browser")
def _():
    address, session_id = world.browser().sign_up(world)
    session = clerk.sessions.get(session_id=session_id)
    equal(users.get(user_id=session.user_id).email_addresses[0].email_address, address)


@check("sessions: refreshed with the right token alone")
def _():
    user, _, _ = world.person()
    session = session_of(user)
    token = clerk.sessions.create_token(session_id=session.id).jwt
    try:
        given = {"expired_token": token, "refresh_token": "nonsense", "request_origin": "http://localhost:3000"}
        clerk.sessions.refresh(session_id=session.id, **given)
    except models.ClerkBaseError as error:
        assert error.status_code in (400, 401, 404, 422), error.body
    else:
        raise AssertionError("nonsense refreshed a session")


@check("sign-ups: read while they go on, and given an id of ours")
def _():
    browser = world.browser()
    address = world.email()
    begun = browser.post("/client/sign_ups", email_address=address, password=world.password())["response"]
    sign_up = clerk.sign_ups.get(id=begun["id"])
    equal((sign_up.id, sign_up.status, sign_up.email_address), (begun["id"], "missing_requirements", address))
    external_id = world.word()
    equal(clerk.sign_ups.update(id=begun["id"], external_id=external_id).external_id, external_id)


@check("tokens: minted, and taken by the SDK's own verification")
def _():
    user, _, _ = world.person()
    session = session_of(user)
    token = clerk.sessions.create_token(session_id=session.id)
    equal(token.object, "token")
    jwk = httpx.get(f"{world.frontend_url}/.well-known/jwks.json").json()["keys"][0]
    request = httpx.Request("GET", f"{world.relay_url}/", headers={"authorization": f"Bearer {token.jwt}"})
    state = authenticate_request(request, AuthenticateRequestOptions(jwt_key=pem_of(jwk)))
    assert state.is_signed_in, f"{state.reason} {state.message}"
    equal((state.payload["sub"], state.payload["sid"], state.payload["v"]), (user.id, session.id, 2))
    equal(state.payload["exp"] - state.payload["iat"], 60)
    state = authenticate_request(
        httpx.Request("GET", world.relay_url, headers={"authorization": f"Bearer {token.jwt[:-6]}AAAAAA"}),
        AuthenticateRequestOptions(jwt_key=pem_of(jwk)),
    )
    equal(state.is_signed_in, False)
    long = clerk.sessions.create_token(session_id=session.id, expires_in_seconds=600)
    claims = claims_of(long.jwt)
    equal(claims["exp"] - claims["iat"], 600)


@check("tokens: of a template")
def _():
    user, address, _ = world.person()
    name = f"walk-{world.word()}"
    # The SDK's model of claims has no members: whatever is given, it sends none. So the claims come from elsewhere.
    claims = {"mail": "{{user.primary_email_address}}"}
    world.backend.post("/v1/jwt_templates", json={"name": name, "claims": claims}).raise_for_status()
    token = clerk.sessions.create_token_from_template(session_id=session_of(user).id, template_name=name)
    equal((claims_of(token.jwt)["mail"], claims_of(token.jwt)["sub"]), (address, user.id))
    [made] = [template for template in clerk.jwt_templates.list(limit=100) if template.name == name]
    clerk.jwt_templates.delete(template_id=made.id)


@check("templates: made, read, listed, changed, deleted")
def _():
    name = f"walk-{world.word()}"
    made = clerk.jwt_templates.create(request={"name": name, "claims": {}, "lifetime": 120, "allowed_clock_skew": 3})
    is_id(made.id, "jtmp")
    equal((made.name, made.lifetime, made.allowed_clock_skew, made.signing_algorithm), (name, 120, 3, "RS256"))
    equal(dumped(clerk.jwt_templates.get(template_id=made.id)), dumped(made))
    assert made.id in [one.id for one in clerk.jwt_templates.list()]
    changed = clerk.jwt_templates.update(template_id=made.id, name=f"{name}-2", claims={}, lifetime=60)
    equal((changed.name, changed.lifetime), (f"{name}-2", 60))
    equal(clerk.jwt_templates.delete(template_id=made.id).deleted, True)
    refused(404, "resource_not_found", clerk.jwt_templates.get, template_id=made.id)


@check("clients: read, listed, verified")
def _():
    browser = world.browser()
    _, session_id = browser.sign_up(world)
    client_id = clerk.sessions.get(session_id=session_id).client_id
    client = clerk.clients.get(client_id=client_id)
    equal((client.id, client.session_ids, client.last_active_session_id), (client_id, [session_id], session_id))
    equal([session.id for session in client.sessions], [session_id])
    assert client_id in [one.id for one in clerk.clients.list(limit=100)]
    verified = clerk.clients.verify(request={"token": browser.client.cookies["__client"]})
    equal(verified.id, client_id)


@check("key set: the same with the secret key and in public")
def _():
    keys = [key.model_dump(exclude_unset=True, mode="json") for key in clerk.jwks.get_jwks().keys]
    public = httpx.get(f"{world.frontend_url}/.well-known/jwks.json").json()["keys"]
    equal([(key["kid"], key["n"]) for key in keys], [(key["kid"], key["n"]) for key in public])


# Tickets


@check("sign-in tokens: made, redeemed, revoked")
def _():
    user, _, _ = world.person()
    made = clerk.sign_in_tokens.create(request={"user_id": user.id, "expires_in_seconds": 600})
    equal((made.user_id, made.status), (user.id, "pending"))
    equal(world.redeem(made.token), "complete")
    other = clerk.sign_in_tokens.create(request={"user_id": user.id})
    revoked = clerk.sign_in_tokens.revoke(sign_in_token_id=other.id)
    equal((revoked.id, revoked.status), (other.id, "revoked"))
    assert world.redeem(other.token) != "complete"


@check("testing tokens: made")
def _():
    token = clerk.testing_tokens.create()
    assert token.token and token.expires_at > time.time()


# The instance


@check("redirect URLs: made, read, listed, deleted")
def _():
    url = f"https://{world.word()}.example/back"
    made = clerk.redirect_urls.create(request={"url": url})
    equal(made.url, url)
    equal(dumped(clerk.redirect_urls.get(id=made.id)), dumped(made))
    assert made.id in [one.id for one in clerk.redirect_urls.list()]
    equal(clerk.redirect_urls.delete(id=made.id).deleted, True)
    assert made.id not in [one.id for one in clerk.redirect_urls.list()]


@check("domains: a satellite is added, listed, renamed, deleted")
def _():
    name = f"{world.word()}.test:3001"
    made = clerk.domains.add(request={"name": name, "is_satellite": True})
    is_id(made.id, "dmn")
    equal((made.name, made.is_satellite), (name, True))
    listed = clerk.domains.list()
    equal(listed.total_count, len(listed.data))
    equal(dumped(next(one for one in listed.data if one.id == made.id)), dumped(made))
    equal([one.is_satellite for one in listed.data].count(False), 1)
    equal(clerk.domains.update(domain_id=made.id, name=f"other-{name}").name, f"other-{name}")
    equal(clerk.domains.delete(domain_id=made.id).deleted, True)
    assert made.id not in [one.id for one in clerk.domains.list().data]


@check("allow list: made, listed, deleted")
def _():
    identifier = world.email()
    made = clerk.allowlist_identifiers.create(request={"identifier": identifier})
    is_id(made.id, "alid")
    equal((made.identifier, made.identifier_type), (identifier, "email_address"))
    assert made.id in [one.id for one in clerk.allowlist_identifiers.list()]
    equal(clerk.allowlist_identifiers.delete(identifier_id=made.id).deleted, True)


@check("block list: made, listed, deleted")
def _():
    identifier = world.email()
    made = clerk.blocklist_identifiers.create(request={"identifier": identifier})
    is_id(made.id, "blid")
    listed = clerk.blocklist_identifiers.list()
    assert made.id in [one.id for one in listed.data]
    equal(listed.total_count, len(listed.data))
    equal(clerk.blocklist_identifiers.delete(identifier_id=made.id).deleted, True)


@check("instance: read and changed")
def _():
    before = clerk.instance_settings.get()
    equal((before.id, before.environment_type), (world.instance["id"], "development"))
    origins = [f"https://{world.word()}.example"]
    clerk.instance_settings.update(request={"allowed_origins": origins})
    equal(clerk.instance_settings.get().allowed_origins, origins)


@check("instance: restrictions are changed")
def _():
    changed = clerk.instance_settings.update_restrictions(request={"block_email_subaddresses": True})
    equal((changed.block_email_subaddresses, changed.allowlist, changed.blocklist), (True, False, False))
    clerk.instance_settings.update_restrictions(request={"block_email_subaddresses": False})


@check("instance: settings of the beta operation")
def _():
    changed = clerk.beta_features.update_instance_settings(request={"progressive_sign_up": True})
    equal(changed.progressive_sign_up, True)
    clerk.beta_features.update_instance_settings(request={"progressive_sign_up": False})


# Mail templates


@check("mail templates: listed, read, changed, previewed, reverted")
def _():
    listed = clerk.email_sms_templates.list(template_type=models.TemplateType.EMAIL, limit=100)
    slugs = [template.slug for template in listed]
    assert "verification_code" in slugs, slugs
    kind = models.PathParamTemplateType.EMAIL
    before = clerk.email_sms_templates.get(template_type=kind, slug="verification_code")
    equal(before.slug, "verification_code")
    subject = f"Your code {world.word()}: {{{{otp_code}}}}"
    changed = clerk.email_and_sms_templates.upsert(
        template_type=models.UpsertTemplatePathParamTemplateType.EMAIL,
        slug="verification_code",
        name=before.name,
        subject=subject,
        body="<p>{{otp_code}}</p>",
    )
    equal(changed.subject, subject)
    equal(clerk.email_sms_templates.get(template_type=kind, slug="verification_code").subject, subject)
    shown = clerk.templates.preview(template_type="email", slug="verification_code", subject=subject, body="<p>{{otp_code}}</p>")
    assert shown is not None
    reverted = clerk.email_sms_templates.revert(
        template_type=models.RevertTemplatePathParamTemplateType.EMAIL, slug="verification_code"
    )
    equal(reverted.subject, before.subject)


@check("mail templates: delivery is switched off and on")
def _():
    kind = models.ToggleTemplateDeliveryPathParamTemplateType.EMAIL
    toggle = clerk.email_sms_templates.toggle_template_delivery
    equal(toggle(template_type=kind, slug="verification_code", delivered_by_clerk=False).delivered_by_clerk, False)
    equal(toggle(template_type=kind, slug="verification_code", delivered_by_clerk=True).delivered_by_clerk, True)


@check("interstitial: served to old middlewares")
def _():
    clerk.miscellaneous.get_public_interstitial(publishable_key=world.instance["publishable_key"])


if not settings.get("filter"):
    probe(clerk, world.relay_url)
