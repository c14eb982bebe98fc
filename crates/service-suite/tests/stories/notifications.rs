//! People are told by e-mail what needs them.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::support::{HEADER, Suite, customers_format, settings, until};

/// A mail server that takes everything, and what it got.
fn mail_server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let got = Arc::new(Mutex::new(Vec::new()));
    let messages = Arc::clone(&got);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = take(stream, &messages);
        }
    });
    (port, got)
}

fn take(stream: TcpStream, messages: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    out.write_all(b"220 mail.test\r\n")?;
    let mut message: Option<String> = None;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        let answer = match (&mut message, line.as_str()) {
            (Some(_), ".") => {
                messages.lock().unwrap().extend(message.take());
                "250 taken"
            }
            (Some(text), line) => {
                text.push_str(&format!("{line}\n"));
                continue;
            }
            (None, "DATA") => {
                message = Some(String::new());
                "354 go on"
            }
            (None, _) => "250 fine",
        };
        out.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}

#[test]
fn a_refused_file_is_told_once_also_after_a_restart() {
    let (port, got) = mail_server();
    let suite = Suite::new();
    let told = format!(
        "[notifications]\nto = [\"anna@firm.example\"]\nfrom = \"suite@firm.example\"\nserver = \"127.0.0.1\"\n\
         security = \"none\"\nport = {port}\n"
    );
    let all = settings(&format!("{told}\n{}", customers_format(&[])), "customers-from-erp");
    suite.apply(&all);
    let shown = suite.run(&["settings", "show"]).ok().out.clone();
    assert!(shown.contains("[notifications]") && shown.contains("anna@firm.example"), "{shown}");
    let tested = suite.run(&["notifications", "test"]).ok().out.clone();
    assert_eq!(tested, "A test was sent to anna@firm.example.\n");
    assert_eq!(got.lock().unwrap().len(), 1);
    let served = suite.serve();
    std::fs::write(suite.exchange().join("customers.txt"), format!("{HEADER}1;\"never closed")).unwrap();
    suite.ended(1);
    until("somebody is told", || got.lock().unwrap().len() == 2);
    let message = got.lock().unwrap()[1].clone();
    assert!(message.contains("Subject: Service Suite: Import 1 of customers.txt was refused"), "{message}");
    assert!(message.contains(&format!("{}/imports/1", served.url)), "{message}");
    let list = || suite.run(&["notifications", "list", "--json"]).ok().json();
    until("it is noted that it was sent", || list()["items"][0]["outcome"] == "sent");
    served.terminate();
    let again = suite.serve();
    suite.import("customers.txt", format!("{HEADER}1;Alfa;Ribe;;\n")).ok();
    assert_eq!(
        (&list()["items"][0]["event"], list()["items"].as_array().unwrap().len()),
        (&"refused".into(), 1)
    );
    drop(again);
    assert_eq!(got.lock().unwrap().len(), 2);
}
