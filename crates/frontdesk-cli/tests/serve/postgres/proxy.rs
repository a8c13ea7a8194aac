//! A wire that can be cut.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Carries connections to the database, until it is cut.
pub(crate) struct Proxy {
    pub(crate) url: String,
    is_cut: Arc<AtomicBool>,
    carried: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    pub(crate) fn before(url: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let own = listener.local_addr().expect("an address").to_string();
        let target =
            url.split('@').nth(1).and_then(|rest| rest.split('/').next()).expect("a host").to_owned();
        let (is_cut, carried) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let proxy = Self {
            url: url.replace(&target, &own),
            is_cut: Arc::clone(&is_cut),
            carried: Arc::clone(&carried),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if is_cut.load(Ordering::Relaxed) {
                    continue;
                }
                let Ok(behind) = TcpStream::connect(&target) else { continue };
                let ends = [stream, behind];
                carried
                    .lock()
                    .expect("no panic before")
                    .extend(ends.iter().filter_map(|end| end.try_clone().ok()));
                for (from, to) in [(0, 1), (1, 0)] {
                    let (from, to) =
                        (ends[from].try_clone().expect("a stream"), ends[to].try_clone().expect("a stream"));
                    std::thread::spawn(move || carry(from, to));
                }
            }
        });
        proxy
    }

    /// Ends every connection and takes no other.
    pub(crate) fn cut(&self) {
        self.is_cut.store(true, Ordering::Relaxed);
        for stream in self.carried.lock().expect("no panic before").drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    pub(crate) fn mend(&self) {
        self.is_cut.store(false, Ordering::Relaxed);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Both));
}
