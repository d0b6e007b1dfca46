# Everything that is done with this repository. `make` alone lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build test check unit e2e bench lint fmt generate install servers clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, build, and start the whole portal (ARGS="--port 9090 --fresh")
	@scripts/run.sh $(ARGS)

build: ## build bin/bedside with fonts, icons and scripts
	@scripts/install.sh run
	go build -o bin/bedside ./cmd/bedside

test: ## install what is missing and run every check and every test
	@scripts/test.sh

check: ## only what is quick: format, vet and the rules of the house
	@scripts/test.sh quick

unit: ## the tests without the browser (ARGS="./internal/scheduling -run Book")
	go run ./test/run -- go test $(or $(ARGS),$$(go list ./... | grep -v /test/e2e))

e2e: ## the whole portal through a browser (ARGS="-run Journey -v")
	@scripts/install.sh test
	go run ./test/run -- go test ./test/e2e $(ARGS)

lint: ## all linters
	@"$$(scripts/tool.sh golangci-lint)" run

fmt: ## format Go and templ files
	@gofmt -w $$(git ls-files --cached --others --exclude-standard '*.go')
	@go tool templ fmt -log-level error -prettier-command none internal/web

generate: ## make all generated code anew
	@scripts/generate.sh

install: ## only install what running and testing need
	@scripts/install.sh test

servers: ## keep test servers up until Ctrl-C and print how to reach them
	@go run ./test/run -hold

bench: ## measure the portal against limits of this machine (ARGS="-write docs/benchmarks.md"; BENCH_LARGE=1)
	@scripts/install.sh run
	go build -o bin/bedside ./cmd/bedside
	go run ./bench $(ARGS)

clean: ## remove what was built here; data and cached tools stay
	rm -rf bin internal/web/assets/node_modules
	find internal/web/assets/dist -mindepth 1 -not -name .placeholder -delete
