# Answers with the application's version, as soon as the widgets can be read.
class WidgetsController < ActionController::API
  def index
    connection = ActiveRecord::Base.connection
    widgets = connection.select_value('select count(*) from widgets where price_cents >= 0')
    render json: { version: ENV['APP_VERSION'], widgets: widgets }
  rescue ActiveRecord::ActiveRecordError => e
    render plain: e.message, status: :service_unavailable
  end
end
