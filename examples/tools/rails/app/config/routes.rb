# One page.
Rails.application.routes.draw { root 'widgets#index' }
