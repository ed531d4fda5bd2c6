{{- define "vestibule.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 48 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What no installation changes: serves clients, keeps rows, reaches WeChat or SMS outside, has a KEYS_SECRET. */}}
{{- define "vestibule.parts" -}}
gateway: { command: gateway/src/server.ts, serves: true }
auth: { command: services/auth/src/server.ts, rows: true, outside: true, keys: true }
user: { command: services/user/src/server.ts, rows: true, keys: true }
verification: { command: services/verification/src/server.ts, outside: true, keys: true }
process: { command: services/process/src/server.ts, rows: true }
{{- end -}}

{{/* Labels that select all pods of a release. */}}
{{- define "vestibule.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "vestibule.labels" -}}
{{ include "vestibule.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "vestibule.image" -}}
{{- $repository := required "image.repository is not set" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* Environment of one part, whose own word counts before that of all: { root, own, facts }. */}}
{{- define "vestibule.settings" -}}
{{- $settings := merge (deepCopy .own.settings) .root.Values.settings -}}
{{- if .facts.serves -}}
{{- $proxies := .root.Values.trustedProxies | default (ternary "uniquelocal" "" .root.Values.ingress.enabled) -}}
{{- if $proxies -}}{{- $settings = set $settings "TRUSTED_PROXIES" $proxies -}}{{- end -}}
{{- end -}}
{{- if and .own.firstAdmin (not .own.existingSecret) -}}
{{- $settings = set $settings "ADMIN_NICKNAME" .own.firstAdmin -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end -}}
