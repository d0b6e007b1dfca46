package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"strconv"

	"github.com/bedside-health/bedside/internal/pg/migrate"
	"github.com/bedside-health/bedside/internal/stack"
	"github.com/bedside-health/bedside/migrations"
	"github.com/jackc/pgx/v5"
)

// migrated makes the template database, named after the migrations in it, unless it is there already.
func migrated(ctx context.Context, admin string) (string, error) {
	name, err := templateName()
	if err != nil {
		return "", err
	}
	made, err := has(ctx, admin, name)
	if err != nil || made {
		return name, err
	}
	half := name + "_" + strconv.Itoa(os.Getpid())
	owner, err := url.Parse(admin)
	if err != nil {
		return "", fmt.Errorf("the address of the test server is not a URL: %w", err)
	}
	owner.Path = "/" + half
	if err := stack.Exec(ctx, admin, "DROP DATABASE IF EXISTS "+half, "CREATE DATABASE "+half); err != nil {
		return "", fmt.Errorf("making the template database: %w", err)
	}
	if err := migrate.Up(ctx, owner.String(), nil, slog.New(slog.DiscardHandler)); err != nil {
		return "", fmt.Errorf("migrating the template database: %w", err)
	}
	// Nobody may connect to it afterwards: a connection would block the clones.
	err = stack.Exec(ctx, admin, "ALTER DATABASE "+half+" RENAME TO "+name, "ALTER DATABASE "+name+" IS_TEMPLATE true ALLOW_CONNECTIONS false")
	if err == nil {
		return name, nil
	}
	if made, hasErr := has(ctx, admin, name); hasErr == nil && made { // another run was quicker
		return name, stack.Exec(ctx, admin, "DROP DATABASE "+half)
	}
	return "", fmt.Errorf("naming the template database: %w", err)
}

func has(ctx context.Context, admin, database string) (yes bool, err error) {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return false, fmt.Errorf("reaching the test server: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("looking for the template database: %w", err)
	}
	return yes, nil
}

// templateName changes with every change of a migration.
func templateName() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.FS, path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading the migrations: %w", err)
	}
	return "bedside_" + hex.EncodeToString(sum.Sum(nil)[:6]), nil
}
