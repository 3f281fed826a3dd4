{{/* Names and labels that the templates share. */}}

{{/* The release's name: two installations in one cluster need two release names. */}}
{{- define "releaseflow.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "releaseflow.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "releaseflow.name" .) -}}
{{- end -}}

{{/* What selects the operator's pods; it cannot change once installed. */}}
{{- define "releaseflow.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "releaseflow.labels" -}}
{{ include "releaseflow.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* The Service with the metrics, and what only it is labelled with. */}}
{{- define "releaseflow.metrics" -}}
{{- printf "%s-metrics" (include "releaseflow.name" .) -}}
{{- end -}}

{{- define "releaseflow.metricsSelector" -}}
app.kubernetes.io/component: metrics
{{- end -}}

{{/* The subjects of a role binding. */}}
{{- define "releaseflow.subjects" -}}
- kind: ServiceAccount
  name: {{ include "releaseflow.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}
