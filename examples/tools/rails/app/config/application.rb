# A Rails application of models, migrations and one page, that logs to its output.
require 'rails'
require 'action_controller/railtie'
require 'active_record/railtie'

# The application.
module Widgets
  class Application < Rails::Application
    config.load_defaults 6.1
    config.api_only = true
    config.eager_load = false
    config.active_record.dump_schema_after_migration = false
    config.logger = ActiveSupport::Logger.new($stdout)
    config.log_level = :warn
    config.secret_key_base = ENV.fetch('SECRET_KEY_BASE', 'for-this-example-only')
  end
end
