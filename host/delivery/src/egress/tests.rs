use proptest::prelude::*;

use super::*;

fn rules() -> EgressRules {
    EgressRules::new(Some(&Egress {
        base_urls: ["https://api.example.com/v1".to_owned()].into(),
        methods: [Method::Get, Method::Post].into(),
        paths: ["/orders".to_owned(), "/orders/*".to_owned(), "/files/**".to_owned()].into(),
        query: ["page".to_owned(), "filter[status]".to_owned()].into(),
    }))
}

fn request(method: &str, path: &str) -> Request {
    Request { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
}

fn with_header(name: &str, value: &str) -> Result<Permitted, Refused> {
    let headers = vec![(name.to_owned(), value.to_owned())];
    rules().permit(&Request { headers, ..request("POST", "/orders") }, Some("x-shop-key"))
}

#[test]
fn what_the_policy_lists_is_permitted() {
    for path in [
        "/orders",
        "/orders/26GB1",
        "/orders/a%20b",
        "/orders/%C3%BC",
        "/files/a/b",
        "/orders?page=2",
        "/orders?filter%5Bstatus%5D=open%26closed&page=a/b?c",
        "/orders?filter[status]=x",
    ] {
        let permitted = rules().permit(&request("GET", path), None).expect(path);
        assert_eq!((permitted.path(), permitted.method()), (path, Method::Get));
    }
    assert!(with_header("content-type", "application/json; charset=utf-8").is_ok());
    assert!(with_header("x-correlation-id", "a b").is_ok());
}

#[test]
fn methods_and_paths_outside_the_policy_are_refused() {
    for method in ["DELETE", "get", "GET ", "CONNECT", "TRACE", "", "GET /orders HTTP/1.1\r\nX: y"] {
        assert_eq!(rules().permit(&request(method, "/orders"), None), Err(Refused::Method), "{method}");
    }
    for path in ["/", "/order", "/orders/", "/orders/1/2", "/Orders", "/files", "/files/"] {
        assert_eq!(rules().permit(&request("GET", path), None), Err(Refused::Path), "{path}");
    }
    let nameless = Refused::QueryForm("has a parameter without a name");
    for (query, refused) in [
        ("", nameless.clone()),
        ("size=1", Refused::Query),
        ("page=1&size=2", Refused::Query),
        ("Page=1", Refused::Query),
        ("page=1&", nameless),
    ] {
        assert_eq!(rules().permit(&request("GET", &format!("/orders?{query}")), None), Err(refused), "{query}");
    }
    let body = Request { body: vec![1], ..request("GET", "/orders") };
    assert_eq!(rules().permit(&body, None), Err(Refused::Body));
    assert_eq!(EgressRules::new(None).permit(&request("GET", "/orders"), None), Err(Refused::NoEgress));
}

#[test]
fn no_path_can_be_read_in_another_way() {
    const RELATIVE: Refused = Refused::PathForm("does not start with a slash");
    const EMPTY: Refused = Refused::PathForm("has an empty segment");
    const DOT: Refused = Refused::PathForm("has a dot segment");
    const WRONG: &str = "has a character that may not stand there, or that has no business being encoded";
    const CHARACTER: Refused = Refused::PathForm(WRONG);
    const HIDDEN: Refused = Refused::PathForm("hides a slash, a percent sign or a control character");
    for (path, refused) in [
        ("", RELATIVE),
        ("orders", RELATIVE),
        ("//evil.example/orders", EMPTY),
        ("https://evil.example/orders", RELATIVE),
        ("/files/../admin", DOT),
        ("/files/./a", DOT),
        ("/files/%2e%2e/admin", CHARACTER),
        ("/files/%2E%2E/admin", CHARACTER),
        ("/files/..%2Fadmin", HIDDEN),
        ("/files/..;/admin", CHARACTER),
        ("/files/a;b=c", CHARACTER),
        ("/files/%252e%252e/admin", HIDDEN),
        ("/files/%c3%bc", CHARACTER),
        ("/files/%C0%AF", CHARACTER),
        ("/files/%00", HIDDEN),
        ("/files/%0D%0AX:y", HIDDEN),
        ("/files/%0D%0AX: y", CHARACTER),
        ("/files/a%5Cb", HIDDEN),
        ("/files/a\\b", CHARACTER),
        ("/files//a", EMPTY),
        ("/files/a#b", CHARACTER),
        ("/files/a b", CHARACTER),
        ("/files/\u{fc}", CHARACTER),
        ("/files/%", CHARACTER),
        ("/files/%4", CHARACTER),
        ("/files/%GG", CHARACTER),
        ("/files/a\r\nHost: evil.example", CHARACTER),
        ("/orders@evil.example\u{0}", CHARACTER),
        ("/orders?page=1#x", Refused::QueryForm(WRONG)),
        ("/orders?page=%0A", Refused::QueryForm("hides a control character")),
        ("/orders?page=1;size=2", Refused::QueryForm(WRONG)),
        ("/orders?page=\u{e9}", Refused::QueryForm(WRONG)),
    ] {
        assert_eq!(rules().permit(&request("GET", path), None), Err(refused), "{path:?}");
    }
    let long = format!("/orders/{}", "a".repeat(5000));
    assert_eq!(rules().permit(&request("GET", &long), None), Err(Refused::PathForm("is too long")));
}

#[test]
fn no_header_of_the_gateways_own_can_be_set() {
    for name in [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "authorization",
        "cookie",
        "forwarded",
        "x-forwarded-host",
        "x_forwarded_for",
        "proxy-authorization",
        "webhook-signature",
        "idempotency-key",
        "x-http-method-override",
        "x-original-url",
        "x-shop-key",
        "x_shop_key",
    ] {
        assert!(matches!(with_header(name, "x"), Err(Refused::Header(_))), "{name}");
    }
    for (name, value) in
        [("X-A", "b"), ("", "b"), ("a b", "c"), ("a", "b\r\nhost: evil"), ("a", "b\0"), ("a", " b"), ("a", "\u{fc}")]
    {
        assert!(matches!(with_header(name, value), Err(Refused::HeaderForm { .. })), "{name:?} {value:?}");
    }
    let twice = vec![("a".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())];
    let twice = rules().permit(&Request { headers: twice, ..request("GET", "/orders") }, None);
    assert_eq!(twice, Err(Refused::HeaderForm { number: 2, problem: "is there twice" }));
    let many = (0..40).map(|number| (format!("x-{number}"), String::new())).collect();
    assert_eq!(rules().permit(&Request { headers: many, ..request("GET", "/orders") }, None), Err(Refused::Headers));
}

proptest! {
    /// Whatever a plugin returns, what is permitted cannot be read in two ways.
    #[test]
    fn whatever_is_permitted_is_harmless(
        path in "/(files|orders)?(/|[a-z.;%/\\\\?#@: ]|%2[EeFf]|%0[aA]|\\.\\.){0,12}",
        name in "[a-zA-Z_: -]{0,12}",
        value in any::<String>(),
    ) {
        let request = Request { headers: vec![(name, value)], ..request("GET", &path) };
        let without = Request { headers: Vec::new(), ..request.clone() };
        if let Ok(permitted) = rules().permit(&request, None).or_else(|_| rules().permit(&without, None)) {
            let (path, _) = permitted.path().split_once('?').unwrap_or((permitted.path(), ""));
            prop_assert!(path.starts_with("/orders") || path.starts_with("/files/"));
            prop_assert!(!path.contains("//") && !path.contains(['\\', ';', '#', ' ']));
            prop_assert!(path.split('/').all(|segment| segment != "." && segment != ".."));
            prop_assert!(!path.contains("%2E") && !path.contains("%2F") && !path.contains("%0"));
            let url: http::Uri = format!("https://api.example.com{}", permitted.path()).parse().expect("a URL");
            prop_assert_eq!(url.host(), Some("api.example.com"));
            prop_assert_eq!(url.path(), path);
            for (_, value) in permitted.headers() {
                prop_assert!(value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)));
            }
        }
    }

    /// Hostile bytes of any kind end in a refusal or a permission, never in a panic.
    #[test]
    fn no_request_panics(method in any::<String>(), path in any::<String>(), headers in any::<Vec<(String, String)>>()) {
        let _ = rules().permit(&Request { method, path, headers, body: Vec::new() }, Some("x"));
    }
}
