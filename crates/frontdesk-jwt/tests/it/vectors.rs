//! The examples of RFC 7515, appendix A.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_jwt::{Algorithm, Jwk, Token, VerifyingKey};

/// The claims of A.1 to A.3 and A.5, with the line breaks of the RFC.
const CLAIMS: &str = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
const CLAIMS_ENCODED: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

fn verify(header: &str, signature: &str, key: &VerifyingKey) -> Result<(), &'static str> {
    let text = format!("{header}.{CLAIMS_ENCODED}.{signature}");
    let token = Token::decode(&text).map_err(|error| error.reason())?;
    assert_eq!(token.claims_json(), CLAIMS);
    assert_eq!(token.issuer(), Some("joe"));
    token.verify_signature(key).map_err(|error| error.reason())
}

#[test]
fn a1_hmac_sha256() {
    let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let key = VerifyingKey::from_secret(Algorithm::Hs256, &URL_SAFE_NO_PAD.decode(secret).unwrap()).unwrap();
    let header = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
    assert_eq!(verify(header, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", &key), Ok(()));
    assert_eq!(
        verify(header, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXg", &key),
        Err("token-invalid-signature")
    );
}

#[test]
fn a2_rsa_sha256() {
    let jwk: Jwk = serde_json::from_str(
        r#"{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#,
    )
    .unwrap();
    let key = VerifyingKey::from_jwk(&jwk).unwrap();
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    assert_eq!(verify("eyJhbGciOiJSUzI1NiJ9", signature, &key), Ok(()));
    assert_eq!(
        verify("eyJhbGciOiJSUzI1NiJ9", &signature.replace("cC4", "cC5"), &key),
        Err("token-invalid-signature")
    );
}

#[test]
fn a3_ecdsa_p256() {
    let jwk: Jwk = serde_json::from_str(
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    )
    .unwrap();
    let key = VerifyingKey::from_jwk(&jwk).unwrap();
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert_eq!(verify("eyJhbGciOiJFUzI1NiJ9", signature, &key), Ok(()));
    assert_eq!(
        verify("eyJhbGciOiJFUzI1NiJ9", &signature.replace("DtE", "DtF"), &key),
        Err("token-invalid-signature")
    );
    assert_eq!(key.to_jwk().unwrap().x, jwk.x);
    assert_eq!(key.to_jwk().unwrap().y, jwk.y);
}

#[test]
fn a4_and_a5_are_algorithms_we_refuse() {
    let key = VerifyingKey::from_secret(Algorithm::Hs512, b"any").unwrap();
    assert_eq!(verify("eyJhbGciOiJFUzUxMiJ9", "AAAA", &key), Err("token-invalid-algorithm"));
    assert_eq!(verify("eyJhbGciOiJub25lIn0", "", &key), Err("token-invalid-algorithm"));
}
