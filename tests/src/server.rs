//! The application on a port.

use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer};
use wardkeep_web::State;

/// Starts a server on a port of its own; its address, and what stops it.
pub fn listen(state: State) -> (String, ServerHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("the port has a number");
    (format!("http://{address}"), serve(listener, state))
}

/// Starts a server on a port that is known already, with two threads; what stops it.
pub fn serve(listener: TcpListener, state: State) -> ServerHandle {
    let server = HttpServer::new(move || {
        let application = App::new().wrap(from_fn(wardkeep_web::surround));
        application.configure(wardkeep_web::configure(state.clone()))
    });
    let server = server.workers(2).disable_signals();
    let server = server.listen(listener).expect("the port is free").run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    handle
}
