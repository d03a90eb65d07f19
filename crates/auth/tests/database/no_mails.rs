//! Where nobody sends mails, whoever asks for one is told so, and nothing is queued.

use wardkeep_auth::emails::Email;
use wardkeep_auth::{Auth, AuthConfig, Secrets, email_proofs, resets, sessions};
use wardkeep_tenancy::{Asked, Fault as _, FaultKind};

use crate::world::{World, at};

#[tokio::test]
async fn where_no_mails_are_sent_none_can_be_asked_for() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let auth = Auth::new(AuthConfig {
        mails_are_sent: false,
        ..AuthConfig::new(
            Secrets::new(["a-secret-of-the-tests-0123456789abcdef"]).unwrap(),
            "http://wardkeep.test",
        )
    });
    let (db, cx) = (&world.db, &at(time::Duration::ZERO));
    let current = sessions::find(db, cx, &ana.secret, Asked::Active)
        .await
        .unwrap()
        .unwrap();

    for address in ["ana@example.test", "nobody@example.test"] {
        let email = Email::parse(address).unwrap();
        let reset = resets::request(db, cx, &auth, &email, None).await.unwrap_err();
        assert_eq!(
            (reset.kind(), reset.code()),
            (FaultKind::Invalid, "RESET_PASSWORD_DISABLED")
        );
        let proof = email_proofs::request(db, cx, &auth, None, &email, None).await;
        assert_eq!(proof.unwrap_err().code(), "VERIFICATION_EMAIL_NOT_ENABLED");
    }
    let new = Email::parse("ana@new.test").unwrap();
    let change = email_proofs::request_change(db, cx, &auth, &current, &new, None).await;
    assert_eq!(change.unwrap_err().code(), "CHANGE_EMAIL_NEEDS_MAILS");
    let queued = (world.count("outbox").await, world.count("verification").await);
    assert_eq!(queued, (0, 0));
}
