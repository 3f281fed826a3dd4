{{/* What the policies of gate mode ask of a write to a workload, in CEL. */}}

{{/* One name for the objects, whatever the release is called: the operator looks for them under it. */}}
{{- define "releaseflow.gate.name" -}}
releaseflow-gate
{{- end -}}

{{/* Whether they are installed. Auto asks the cluster, which `helm template` alone does not reach. */}}
{{- define "releaseflow.gate.isInstalled" -}}
{{- $served := .Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy" -}}
{{- if or (eq .Values.gate.policy "Always") (and $served (eq .Values.gate.policy "Auto")) -}}
true
{{- end -}}
{{- end -}}

{{/* Groups of the kinds that can be held, each with its version and resources; where they are judged, also with their status,
     and with the DaemonSet, whose label is refused. */}}
{{- define "releaseflow.gate.groups" -}}
{{- $groups := dict -}}
{{- range .root.Files.Get "files/workloads.yaml" | fromYamlArray -}}
{{- if .held -}}
{{- $group := get $groups .group | default (dict "version" .version "resources" list) -}}
{{- $resources := $.judged | ternary (list .resource (printf "%s/status" .resource)) (list .resource) -}}
{{- $_ := set $groups .group (set $group "resources" (concat $group.resources $resources)) -}}
{{- end -}}
{{- end -}}
{{- if .judged -}}
{{- $_ := set $groups.apps "resources" (append $groups.apps.resources "daemonsets") -}}
{{- end -}}
{{- toYaml $groups -}}
{{- end -}}

{{/* Workloads with the label, before the write or after it. The operator reads from the rules which kinds they are for. */}}
{{- define "releaseflow.gate.matches" -}}
matchConstraints:
  objectSelector:
    matchExpressions:
      - key: releaseflow.dev/gate
        operator: Exists
  resourceRules:
    {{- range $name, $group := include "releaseflow.gate.groups" . | fromYaml }}
    - apiGroups: [{{ $name }}]
      apiVersions: [{{ $group.version }}]
      resources: [{{ join ", " $group.resources }}]
      operations: [CREATE, UPDATE]
      scope: Namespaced
    {{- end }}
matchConditions:
  - name: not-the-operator
    expression: request.userInfo.username != 'system:serviceaccount:{{ .root.Release.Namespace }}:{{ include "releaseflow.serviceAccount" .root }}'
{{- end -}}

{{- define "releaseflow.gate.namespaces" -}}
{{- with .Values.namespaces -}}
matchResources:
  namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values:
          {{- toYaml . | nindent 10 }}
{{- end -}}
{{- end -}}

{{/* The pod template, where its kind has it. */}}
{{- define "releaseflow.gate.template" -}}
(variables.isCronJob ? dyn({{ . }}).spec.?jobTemplate.spec.template : dyn({{ . }}).spec.?template).orValue(dyn({}))
{{- end -}}

{{- define "releaseflow.gate.pods" -}}
{{ eq . "object" | ternary "variables.template" "variables.oldTemplate" }}
{{- end -}}

{{/* Names and images of the init containers, then of the containers. What is missing there, the API server's own
     validation says later, and in better words. */}}
{{- define "releaseflow.gate.containers" -}}
[{{ include "releaseflow.gate.pods" . }}.?spec.?initContainers, {{ include "releaseflow.gate.pods" . }}.?spec.?containers]
  .map(list, dyn(list.orValue([]))).map(list, list == null ? [] : list.map(c, [c.?name.orValue(''), c.?image.orValue('')]))
{{- end -}}

{{- define "releaseflow.gate.partition" -}}
dyn({{ . }}).spec.?updateStrategy.?rollingUpdate.?partition.orValue(0)
{{- end -}}

{{- define "releaseflow.gate.hasLabel" -}}
{{ include "releaseflow.gate.pods" . }}.?metadata.?labels[?'releaseflow.dev/held'].orValue('') == 'true'
{{- end -}}

{{/* A StatefulSet cannot be paused: a partition above all ordinals keeps the pods that it has, and pods with the label in its
     template are refused. With a partition alone a new template becomes the current one as soon as there are no pods. */}}
{{- define "releaseflow.gate.isPaused" -}}
(variables.isCronJob ? dyn({{ . }}).spec.?suspend.orValue(false) : {{- " " -}}
variables.isStatefulSet ? {{ include "releaseflow.gate.partition" . }} == 2147483647 && {{ include "releaseflow.gate.hasLabel" . }} : {{- " " -}}
dyn({{ . }}).spec.?paused.orValue(false))
{{- end -}}

{{- define "releaseflow.gate.mark" -}}
{{ . }}.metadata.?annotations[?'releaseflow.dev/held'].orValue('')
{{- end -}}

{{/* What it was before it was held is in the mark, so that the operator puts that back. */}}
{{- define "releaseflow.gate.isMarked" -}}
{{ include "releaseflow.gate.mark" . }}.matches(variables.isCronJob ? '^(true|suspended)$' : variables.isStatefulSet ? '^(true|partition=[1-9][0-9]{0,9})$' : '^true$')
{{- end -}}

{{- define "releaseflow.gate.isHeld" -}}
{{ include "releaseflow.gate.isPaused" . }} && {{ include "releaseflow.gate.isMarked" . }}
{{- end -}}

{{- define "releaseflow.gate.notes" -}}
{{ . }}.metadata.?annotations.orValue({}).transformMap(key, text, !(key in ['releaseflow.dev/held', 'kubectl.kubernetes.io/last-applied-configuration']), text)
{{- end -}}

{{/* A bypass is for an image that the write brings, or of which the bypass itself is new, or, with the same images, for any of
     them: one that was forgotten does not let the next image through. */}}
{{- define "releaseflow.gate.variables" -}}
- name: isCronJob
  expression: request.resource.resource == 'cronjobs'
- name: isStatefulSet
  expression: request.resource.resource == 'statefulsets'
- name: isRollout
  expression: request.resource.resource == 'rollouts'
- name: template
  expression: {{ include "releaseflow.gate.template" "object" | quote }}
- name: oldTemplate
  expression: "oldObject == null ? dyn({}) : {{ include "releaseflow.gate.template" "oldObject" }}"
- name: containers
  expression: >-
    {{- include "releaseflow.gate.containers" "object" | nindent 4 }}
- name: oldContainers
  expression: >-
    oldObject == null ? [[], []] :
    {{- include "releaseflow.gate.containers" "oldObject" | nindent 4 }}
- name: imagesDiffer
  expression: variables.containers != variables.oldContainers
- name: wasHeld
  expression: >-
    oldObject != null && {{ include "releaseflow.gate.isHeld" "oldObject" }}
- name: isOnDelete
  expression: variables.isStatefulSet && dyn(object).spec.?updateStrategy.?type.orValue('') == 'OnDelete'
# Argo Rollouts makes pods for an experiment, and for the preview of blueGreen, while a Rollout is paused.
- name: isRolloutThatGoesOn
  expression: >-
    variables.isRollout && (dyn(object).spec.?workloadRef.hasValue() ||
    dyn(object).spec.?strategy.?blueGreen.hasValue() ||
    dyn(object).spec.?strategy.?canary.?steps.orValue([]).exists(step, has(step.experiment)))
- name: cannotBeHeld
  expression: variables.isOnDelete || variables.isRolloutThatGoesOn
- name: bypass
  expression: object.metadata.?annotations[?'releaseflow.dev/bypass'].orValue('')
- name: oldBypass
  expression: "oldObject == null ? '' : oldObject.metadata.?annotations[?'releaseflow.dev/bypass'].orValue('')"
- name: isBypassed
  expression: >-
    variables.bypass != '' && variables.containers.exists(list, list.exists(c, c[1] == variables.bypass)) && (
    !variables.imagesDiffer || variables.bypass != variables.oldBypass ||
    !variables.oldContainers.exists(list, list.exists(c, c[1] == variables.bypass)))
{{- end -}}
