"""Leads Python Nodepool's Azure driver, whose addresses are fixed, to the one in BENCH_AZURE_ORIGIN."""
import os

from nodepool.driver.azure import azul

ORIGIN = os.environ['BENCH_AZURE_ORIGIN']
azul.AzureAuth.AUTH_URL = ORIGIN + '/{tenantId}/oauth2/token'
azul.AzureCRUD.base_subscription_url = ORIGIN + '/subscriptions/{subscriptionId}/'
