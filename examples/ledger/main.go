// A small service with its migrations built in, as one static binary: ledger [serve | pending | migrate].
package main

import (
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"

	_ "github.com/lib/pq"
)

//go:embed migrations/*.sql
var migrations embed.FS

const bookkeeping = "create table if not exists schema_migrations (name text primary key)"

func main() {
	log.SetFlags(0)
	db, err := sql.Open("postgres", os.Getenv("DATABASE_URL"))
	if err == nil {
		err = run(db, os.Args[1:])
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(db *sql.DB, words []string) error {
	switch fmt.Sprint(words) {
	case "[pending]":
		return pending(db)
	case "[migrate]":
		return migrate(db)
	case "[]", "[serve]":
		return http.ListenAndServe(":8000", page(db))
	}
	return errors.New("usage: ledger [serve | pending | migrate]")
}

// pending writes nothing: it fails where a migration is not in the bookkeeping, or there is no bookkeeping yet.
func pending(db *sql.DB) error {
	var there bool
	if err := db.QueryRow("select to_regclass('schema_migrations') is not null").Scan(&there); err != nil {
		return err
	}
	files, err := migrations.ReadDir("migrations")
	for _, file := range files {
		var done bool
		if there && err == nil {
			err = db.QueryRow("select exists (select from schema_migrations where name = $1)", file.Name()).Scan(&done)
		}
		if err == nil && !done {
			err = fmt.Errorf("pending: %s", file.Name())
		}
	}
	return err
}

// migrate applies each file in a transaction of its own, in the order of the names.
func migrate(db *sql.DB) error {
	if _, err := db.Exec(bookkeeping); err != nil {
		return err
	}
	files, err := migrations.ReadDir("migrations")
	for _, file := range files {
		if err == nil {
			err = apply(db, file.Name())
		}
	}
	return err
}

func apply(db *sql.DB, name string) error {
	text, err := migrations.ReadFile("migrations/" + name)
	if err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	done, err := tx.Exec("insert into schema_migrations values ($1) on conflict do nothing", name)
	if err != nil {
		return err
	}
	if count, err := done.RowsAffected(); err != nil || count == 0 {
		return err
	}
	if _, err := tx.Exec(string(text)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	log.Printf("applied %s", name)
	return tx.Commit()
}

func page(db *sql.DB) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var entries int
		if err := db.QueryRow("select count(*) from entries").Scan(&entries); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, "%d entries, seen by user %d\n", entries, os.Getuid())
	})
}
