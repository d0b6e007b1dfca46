package obs

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are a process's own: rate, errors and duration by route pattern and
// by RPC method, and the gauges that its parts add.
type Metrics struct {
	reg  *prometheus.Registry
	http *prometheus.HistogramVec
	rpc  *prometheus.HistogramVec
}

// NewMetrics makes a registry of its own; nothing is global.
func NewMetrics() *Metrics {
	buckets := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, .8, 1, 2.5, 5, 10}
	m := &Metrics{
		reg: prometheus.NewRegistry(),
		http: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bedside_http_request_seconds", Help: "Pages by route pattern and status.", Buckets: buckets,
		}, []string{"route", "status"}),
		rpc: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "bedside_rpc_request_seconds", Help: "Calls by method and code.", Buckets: buckets,
		}, []string{"method", "code"}),
	}
	m.reg.MustRegister(m.http, m.rpc, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// HTTP records one page. The route is the pattern, never the path.
func (m *Metrics) HTTP(route string, status int, took time.Duration) {
	m.http.WithLabelValues(route, http.StatusText(status)).Observe(took.Seconds())
}

// RPC records one call on the server's side.
func (m *Metrics) RPC(method, code string, took time.Duration) {
	m.rpc.WithLabelValues(method, code).Observe(took.Seconds())
}

// Gauge adds a gauge that is read when it is asked for.
func (m *Metrics) Gauge(name, help string, labels map[string]string, read func() float64) {
	m.reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, read))
}

// Handler serves the metrics; on the private listener only.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.reg, promhttp.HandlerOpts{})
}
