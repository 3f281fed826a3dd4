local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is(type, value, reason)
  local condition = conditions[type]
  return condition ~= nil and condition.status == value and (reason == nil or condition.reason == reason)
end

local approvable = is("Ready", "Unknown", "AwaitingApproval")
  or is("Ready", "False", "SchemaAhead")
  or is("Contracted", "Unknown", "AwaitingApproval")
local under_way = status.release ~= nil and status.release.outcome == nil
local failed = (is("Ready", "False") and not is("Ready", "False", "SchemaAhead")) or is("Contracted", "False")
local suspended = obj.spec.suspend == true

return {
  ["approve"] = {["disabled"] = not approvable, ["iconClass"] = "fa fa-fw fa-check"},
  ["retry"] = {["disabled"] = suspended or not failed, ["iconClass"] = "fa fa-fw fa-redo"},
  ["abort"] = {["disabled"] = not under_way or status.release.aborted == true, ["iconClass"] = "fa fa-fw fa-stop-circle"},
  ["suspend"] = {["disabled"] = suspended, ["iconClass"] = "fa fa-fw fa-pause-circle"},
  ["resume"] = {["disabled"] = not suspended, ["iconClass"] = "fa fa-fw fa-play-circle"},
}
