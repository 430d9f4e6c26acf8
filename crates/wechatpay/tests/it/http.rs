//! The HTTP transport, against a server of a few lines on this machine.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use wechatpay::{
    AppId, AppSecret, BaseUrl, Endpoints, HttpTransport, LoginCode, MiniProgram, SystemAmbient,
    Transport, TransportError,
};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Takes one connection, reads one request, does as told with it, and returns what was read.
fn serve_once(
    answer: impl FnOnce(&mut TcpStream) + Send + 'static,
) -> (SocketAddr, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = read_request(&mut stream);
        answer(&mut stream);
        request
    });
    (address, server)
}

/// Reads a request whose body, if any, is announced by its length.
fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        request.push(byte[0]);
    }
    let head = String::from_utf8(request).unwrap();
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        })
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

fn get(address: SocketAddr, path: &str) -> Request<Bytes> {
    let uri = format!("http://{address}{path}");
    Request::builder().uri(uri).body(Bytes::new()).unwrap()
}

fn transport() -> HttpTransport {
    HttpTransport::builder()
        .timeout(Duration::from_secs(5))
        .max_answer_bytes(1_000)
        .build()
        .unwrap()
}

fn source_of(error: &TransportError) -> String {
    use std::error::Error as _;

    error.source().unwrap().to_string()
}

#[tokio::test]
async fn a_request_goes_out_and_its_answer_comes_back_letter_by_letter() {
    let (address, server) = serve_once(|stream| {
        let answer = "HTTP/1.1 404 Not Found\r\nRequest-ID: 08AB\r\nContent-Length: 2\r\n\r\n{}";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!(
            "http://{address}/v3/out-trade-no/a%7Cb*c/close?mchid=1"
        ))
        .header("Content-Type", "application/json")
        .body(Bytes::from_static(b"{\"mchid\":\"1\"}"))
        .unwrap();
    let answer = transport().send(request).await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.headers()["request-id"], "08AB");
    assert_eq!(answer.body().as_ref(), b"{}");

    let sent = server.join().unwrap();
    assert!(
        sent.starts_with("POST /v3/out-trade-no/a%7Cb*c/close?mchid=1 HTTP/1.1\r\n"),
        "{sent}"
    );
    assert!(sent.ends_with("\r\n\r\n{\"mchid\":\"1\"}"), "{sent}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (address, server) = serve_once(|stream| {
        let answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\
                      Content-Length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    assert_eq!(
        transport().send(get(address, "/")).await.unwrap().status(),
        302
    );
    server.join().unwrap();
}

#[tokio::test]
async fn a_refused_connection_has_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = transport().send(get(address, "/")).await.unwrap_err();
    assert!(!error.may_have_been_sent(), "{error:?}");
}

#[tokio::test]
async fn a_name_that_does_not_exist_has_sent_nothing() {
    let uri = "https://name.invalid/v3/certificates";
    let request = Request::builder().uri(uri).body(Bytes::new()).unwrap();
    let error = transport().send(request).await.unwrap_err();
    assert!(!error.may_have_been_sent(), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_no_tls_server_has_got_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
    });
    let uri = format!("https://{address}/");
    let request = Request::builder().uri(uri).body(Bytes::new()).unwrap();
    let error = transport().send(request).await.unwrap_err();
    assert!(!error.may_have_been_sent(), "{error:?}");
    server.join().unwrap();
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_it_open_what_happened() {
    let (address, server) = serve_once(|_| {});
    let error = transport().send(get(address, "/")).await.unwrap_err();
    assert!(error.may_have_been_sent(), "{error:?}");
    server.join().unwrap();
}

/// An answer whose connection is reset or closed in the middle of its body, whatever its status
/// said, leaves it open what happened.
#[tokio::test]
async fn p09_an_answer_that_breaks_off_leaves_it_open_what_happened() {
    for reset in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            if reset {
                // Closed with a request that nobody read, a connection is reset.
                stream.peek(&mut [0]).unwrap();
            } else {
                read_request(&mut stream);
            }
            let part = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"prepay_id\":";
            stream.write_all(part.as_bytes()).unwrap();
        });
        let error = transport().send(get(address, "/")).await.unwrap_err();
        assert!(error.may_have_been_sent(), "{error:?}");
        server.join().unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_leaves_it_open_what_happened() {
    let (answered, wait) = std::sync::mpsc::channel::<()>();
    let (address, server) = serve_once(move |_| assert!(wait.recv().is_err()));
    let transport = HttpTransport::builder()
        .connect_timeout(Duration::from_secs(3))
        .max_idle_per_host(1)
        .timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let error = transport.send(get(address, "/")).await.unwrap_err();
    assert!(error.may_have_been_sent(), "{error:?}");
    drop(answered);
    server.join().unwrap();
}

#[tokio::test]
async fn an_answer_above_the_limit_is_not_read_to_its_end() {
    for announced in [true, false] {
        let (address, server) = serve_once(move |stream| {
            let head = match announced {
                true => "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
                false => "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
            };
            stream.write_all(head.as_bytes()).unwrap();
            // The other side may be gone before the end, which is what is tested.
            drop(stream.write_all(&[b' '; 1_001]));
        });
        let error = transport().send(get(address, "/")).await.unwrap_err();
        assert!(error.may_have_been_sent());
        assert_eq!(source_of(&error), "the answer has more than 1000 bytes");
        server.join().unwrap();
    }
    let (address, server) = serve_once(|stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            .unwrap();
        stream.write_all(&[b' '; 1_000]).unwrap();
    });
    assert_eq!(
        transport()
            .send(get(address, "/"))
            .await
            .unwrap()
            .body()
            .len(),
        1_000
    );
    server.join().unwrap();
}

#[tokio::test]
async fn an_answer_read_piece_by_piece_may_be_longer_than_one_that_is_kept() {
    for complete in [true, false] {
        let (address, server) = serve_once(move |stream| {
            let length = if complete { 100_000 } else { 100_001 };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&[b'x'; 100_000]).unwrap();
        });
        let answer = transport().open(get(address, "/")).await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut body = answer.into_body();
        let mut bytes = 0;
        let end = loop {
            match body.piece().await {
                Ok(Some(piece)) => bytes += piece.len(),
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        assert_eq!((bytes, end), (100_000, complete));
        server.join().unwrap();
    }
}

#[tokio::test]
async fn no_error_shows_the_address_of_a_login() {
    let (broken, server) = serve_once(|_| {});
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = listener.local_addr().unwrap();
    drop(listener);
    for address in [broken, gone] {
        let base = BaseUrl::new(&format!("http://{address}")).unwrap();
        let app = MiniProgram::new(
            AppId::new("wxd678efh567hg6787").unwrap(),
            AppSecret::new(SECRET).unwrap(),
            Arc::new(transport()),
            Arc::new(SystemAmbient),
            &Endpoints::all_at(base),
        );
        let error = app
            .code_to_session(&LoginCode::new("code").unwrap())
            .await
            .unwrap_err();
        let mut shown = format!("{error} {error:?}");
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            shown.push_str(&format!("{error} {error:?}"));
            cause = error.source();
        }
        assert!(!shown.contains(SECRET), "{shown}");
    }
    server.join().unwrap();
}

#[tokio::test]
async fn a_client_without_a_transport_of_its_own_uses_this_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = BaseUrl::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let client = wechatpay::Client::builder(
        crate::fixtures::merchant(),
        crate::fixtures::public_key_ring(),
    )
    .endpoints(Endpoints::all_at(base))
    .build();
    let error = client.echo("a").await.unwrap_err();
    assert!(!error.is_ambiguous(), "{error}");
    assert_eq!(error.advice(), wechatpay::Advice::RepeatIdentically);
}
