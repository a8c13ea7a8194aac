use serde_json::json;

use super::*;

#[test]
fn parameters_are_filled_in_and_stay_in_their_segment() {
    let filled = |template, parameters: Value| fill(template, &parameters);
    assert_eq!(filled("/v1/jwks", json!({})).unwrap(), "/v1/jwks");
    assert_eq!(filled("/v1/a/{x}/b/{y}", json!({ "y": "2", "x": "1" })).unwrap(), "/v1/a/1/b/2");
    assert_eq!(filled("/v1/{slug}.xml", json!({ "slug": "a.b" })).unwrap(), "/v1/a.b.xml");
    assert_eq!(filled("/v1/{n}", json!({ "n": 7 })).unwrap(), "/v1/7");
    for (text, encoded) in [
        ("a/b", "a%2Fb"),
        ("../x", "..%2Fx"),
        ("...", "..."),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c", "a%3Fb%23c"),
        ("é \n", "%C3%A9%20%0A"),
        ("A-z_0.~", "A-z_0.~"),
    ] {
        assert_eq!(filled("/v1/{x}/y", json!({ "x": text })).unwrap(), format!("/v1/{encoded}/y"));
    }
}

#[test]
fn a_parameter_that_a_url_would_swallow_is_refused() {
    for value in [json!(""), json!("."), json!(".."), json!(null), json!(["a"])] {
        let error = fill("/v1/{x}/y", &json!({ "x": value })).unwrap_err();
        assert!(matches!(error, Unsendable::PathParameter(name) if name == "x"), "{value}");
    }
    assert!(fill("/v1/{x}", &json!({})).is_err());
}

#[test]
fn every_declared_path_can_be_filled() {
    for operation in frontdesk_api::contract::declared().chain(frontdesk_api::contract::declared_ahead()) {
        let names = operation.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        let parameters: serde_json::Map<_, _> = names.map(|name| (name.to_owned(), json!("x"))).collect();
        let path = fill(operation.path, &parameters).unwrap();
        assert!(!path.contains(['{', '}']) && PathAndQuery::try_from(path).is_ok(), "{}", operation.path);
    }
}

#[test]
fn a_file_travels_as_it_is() {
    let file = File::from(b"a\r\n--frontdesk-file-0--\r\nb\0\xff".as_slice());
    let (content_type, form) = multipart(&file);
    assert_eq!(content_type, "multipart/form-data; boundary=frontdesk-file-1");
    let expected = [
        b"--frontdesk-file-1\r\ncontent-disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
          content-type: application/octet-stream\r\n\r\n"
            .as_slice(),
        file.bytes(),
        b"\r\n--frontdesk-file-1--\r\n",
    ];
    assert_eq!(form, expected.concat());
}
