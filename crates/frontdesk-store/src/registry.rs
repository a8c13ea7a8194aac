//! Every statement of every aggregate, for the tests that prepare them all and for warming up.

use crate::statement::Statement;

/// The statements of each file.
pub(crate) static ALL: &[&[&Statement]] = &[
    crate::clients::STATEMENTS,
    crate::dev_browsers::STATEMENTS,
    crate::domains::STATEMENTS,
    crate::events::STATEMENTS,
    crate::handshakes::STATEMENTS,
    crate::identifications::STATEMENTS,
    crate::images::STATEMENTS,
    crate::instances::STATEMENTS,
    crate::jwt_templates::STATEMENTS,
    crate::keys::STATEMENTS,
    crate::leases::STATEMENTS,
    crate::leftovers::STATEMENTS,
    crate::mails::STATEMENTS,
    crate::message_templates::STATEMENTS,
    crate::meta::STATEMENTS,
    crate::organizations::STATEMENTS,
    crate::refresh_tokens::STATEMENTS,
    crate::redirect_urls::STATEMENTS,
    crate::restricted_identifiers::STATEMENTS,
    crate::sealed::STATEMENTS,
    crate::sessions::STATEMENTS,
    crate::sign_in_tokens::STATEMENTS,
    crate::sign_ins::STATEMENTS,
    crate::sign_ups::STATEMENTS,
    crate::testing_tokens::STATEMENTS,
    crate::users::STATEMENTS,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Engine, TestDatabase, each_engine};

    /// Statements that read a whole table on purpose: it is short, and all of it is wanted.
    const WHOLE_TABLES: [&str; 1] = ["INSTANCES"];

    #[tokio::test]
    async fn every_statement_is_understood_by_both_engines_and_answers_the_same_columns() {
        let mut answers = Vec::new();
        for engine in Engine::available() {
            let database = TestDatabase::create(engine).await;
            answers.push(database.open().await.check_statements().await.unwrap());
        }
        assert_eq!(answers[0].len(), ALL.iter().copied().flatten().count());
        assert!(answers.iter().all(|answer| *answer == answers[0]));
    }

    #[tokio::test]
    async fn every_statement_finds_its_rows_by_an_index() {
        let database = TestDatabase::create(Engine::Sqlite).await;
        let store = database.open().await;
        for statement in ALL.iter().copied().flatten() {
            let plan = store.sqlite_plan(statement.sqlite()).unwrap().unwrap();
            let scans = plan.lines().any(|step| step.contains("SCAN") && !step.contains("VIRTUAL TABLE"));
            let whole = WHOLE_TABLES.contains(&statement.name());
            assert_eq!(scans, whole, "{}:\n{plan}", statement.name());
        }
    }

    /// An instance must never see the rows of another: each statement names its instance, or says here why not.
    #[test]
    fn every_statement_keeps_to_one_instance() {
        let of_the_server =
            ["DELETE_META", "META_BY_KEY", "RELEASE_LEASE", "SCHEMA_VERSION", "SET_META", "TAKE_LEASE"];
        // What jobs find is of all instances; what they change names the instance of each row. Only a server that is
        // alone with its data gives back, at its start, every mail that nobody delivers any more.
        let found_by_jobs =
            |name: &str| ["DUE_MAILS", "RESUME_MAILS"].contains(&name) || name.starts_with("FIND_");
        for statement in ALL.iter().copied().flatten() {
            let text = statement.sqlite().split_whitespace().collect::<Vec<_>>().join(" ");
            let reads_its_own = text.contains("instance_id = ?1") || text.contains("(instance_id,");
            // Instances themselves, and which of them a key opens.
            let is_about_instances = text.contains("FROM instances")
                || text.contains("UPDATE instances")
                || text.contains("INTO instances")
                || ["INSTANCE_KEY", "INSTANCE_VERSION_BY_KEY_HOST"].contains(&statement.name());
            let is_free = is_about_instances
                || of_the_server.contains(&statement.name())
                || found_by_jobs(statement.name());
            assert!(reads_its_own != is_free, "{}: {text}", statement.name());
            // What is joined belongs to the same instance as what it is joined to.
            for join in text.split(" JOIN ").skip(1).filter(|_| !is_free) {
                let table = join.split_whitespace().nth(1).unwrap_or_default();
                assert!(
                    join.contains(&format!("ON {table}.instance_id = ")),
                    "{}: JOIN {join}",
                    statement.name()
                );
            }
        }
    }

    #[tokio::test]
    async fn hot_statements_use_the_index_made_for_them() {
        let database = TestDatabase::create(Engine::Sqlite).await;
        let store = database.open().await;
        let hot = [
            ("INSTANCE_KEY", "secret_keys USING INDEX sqlite_autoindex_secret_keys_1 (hash=?)"),
            ("INSTANCE_VERSION_BY_KEY_HOST", "domains USING INDEX domains_key_host (key_host=?)"),
            ("CLIENT_LINK", "(instance_id=? AND client_id=? AND domain_id=?)"),
            ("ACCOUNT_BY_ID", "u USING INDEX sqlite_autoindex_users_1 (instance_id=? AND id=?)"),
            ("ACCOUNT_BY_ID", "i USING INDEX identifications_user (instance_id=? AND user_id=?)"),
            ("ACCOUNT_BY_IDENTIFICATION", "identifications_claimed (instance_id=? AND kind=? AND value=?)"),
            ("SESSION_FOR_MINT", "s USING INDEX sqlite_autoindex_sessions_1 (instance_id=? AND id=?)"),
            ("SESSION_FOR_MINT", "u USING INDEX sqlite_autoindex_users_1 (instance_id=? AND id=?)"),
            ("CLIENT_BY_ID", "clients USING INDEX sqlite_autoindex_clients_1 (instance_id=? AND id=?)"),
            ("CLIENT_SESSIONS", "s USING INDEX sessions_client (instance_id=? AND client_id=?)"),
            ("DEV_BROWSER", "(instance_id=? AND token_hash=?)"),
        ];
        for (name, wanted) in hot {
            let statement = ALL.iter().copied().flatten().find(|statement| statement.name() == name).unwrap();
            let plan = store.sqlite_plan(statement.sqlite()).unwrap().unwrap();
            assert!(plan.contains(wanted), "{name} wants {wanted}:\n{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{name} sorts:\n{plan}");
        }
    }

    #[tokio::test]
    async fn a_newer_schema_is_refused() {
        each_engine(async |database| {
            let newer = crate::migrations::known() + 1;
            database.execute(&crate::migrations::write_version(newer)).await;
            match database.open().await.migrate().await {
                Err(crate::Error::SchemaTooNew { found, known }) => {
                    assert_eq!((found, known), (newer, newer - 1));
                }
                other => panic!("{other:?}"),
            }
        })
        .await;
    }
}
