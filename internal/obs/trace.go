package obs

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Tracing makes spans and carries them from process to process.
type Tracing struct {
	tracer trace.Tracer
	prop   propagation.TraceContext
	stop   func(context.Context) error
}

// NoTracing makes no spans, but still carries a caller's.
func NoTracing() *Tracing {
	return &Tracing{tracer: noop.NewTracerProvider().Tracer(""), stop: func(context.Context) error { return nil }}
}

// NewTracing sends spans over OTLP/HTTP to an agent, such as Datadog's, at
// endpoint ("http://host:4318"). An agent that is away costs nothing but the
// spans.
func NewTracing(ctx context.Context, endpoint, target, version string) (*Tracing, error) {
	exp, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("making the trace exporter: %w", err)
	}
	res := resource.NewSchemaless(semconv.ServiceName("bedside-"+target), semconv.ServiceVersion(version))
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exp), sdktrace.WithResource(res))
	return &Tracing{tracer: tp.Tracer("bedside"), stop: tp.Shutdown}, nil
}

// Span begins a span named by a pattern or a method.
func (t *Tracing) Span(ctx context.Context, name string, kind trace.SpanKind) (context.Context, trace.Span) {
	return t.tracer.Start(ctx, name, trace.WithSpanKind(kind))
}

// Inject writes the trace of ctx into the headers of a call.
func (t *Tracing) Inject(ctx context.Context, c propagation.TextMapCarrier) { t.prop.Inject(ctx, c) }

// Extract reads the caller's trace from the headers of a call.
func (t *Tracing) Extract(ctx context.Context, c propagation.TextMapCarrier) context.Context {
	return t.prop.Extract(ctx, c)
}

// Stop sends what is left.
func (t *Tracing) Stop(ctx context.Context) error {
	if err := t.stop(ctx); err != nil {
		return fmt.Errorf("sending the last spans: %w", err)
	}
	return nil
}
