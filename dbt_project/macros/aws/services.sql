{#-
AWS services by product code: the name that AWS prints where a row brings none, and FOCUS's category of it. Codes that
are not listed keep their code as name and count as 'Other'.
-#}
{% macro aws_services() -%}
    {{ return({
        'AmazonEC2': ('Amazon Elastic Compute Cloud', 'Compute'),
        'AmazonLightsail': ('Amazon Lightsail', 'Compute'),
        'AWSLambda': ('AWS Lambda', 'Compute'),
        'AmazonECS': ('Amazon Elastic Container Service', 'Compute'),
        'AmazonEKS': ('Amazon Elastic Container Service for Kubernetes', 'Compute'),
        'AmazonECR': ('Amazon EC2 Container Registry (ECR)', 'Compute'),
        'AWSBatch': ('AWS Batch', 'Compute'),
        'AWSElasticBeanstalk': ('AWS Elastic Beanstalk', 'Compute'),
        'ComputeSavingsPlans': ('Savings Plans for AWS Compute usage', 'Compute'),
        'AmazonS3': ('Amazon Simple Storage Service', 'Storage'),
        'AmazonGlacier': ('Amazon Glacier', 'Storage'),
        'AmazonEFS': ('Amazon Elastic File System', 'Storage'),
        'AmazonFSx': ('Amazon FSx', 'Storage'),
        'AWSBackup': ('AWS Backup', 'Storage'),
        'AWSStorageGateway': ('AWS Storage Gateway', 'Storage'),
        'AmazonRDS': ('Amazon Relational Database Service', 'Databases'),
        'AmazonDynamoDB': ('Amazon DynamoDB', 'Databases'),
        'AmazonElastiCache': ('Amazon ElastiCache', 'Databases'),
        'AmazonDocDB': ('Amazon DocumentDB (with MongoDB compatibility)', 'Databases'),
        'AmazonNeptune': ('Amazon Neptune', 'Databases'),
        'AmazonMemoryDB': ('Amazon MemoryDB', 'Databases'),
        'AmazonTimestream': ('Amazon Timestream', 'Databases'),
        'DatabaseSavingsPlans': ('Savings Plans for AWS Database usage', 'Databases'),
        'AWSDatabaseMigrationSvc': ('AWS Database Migration Service', 'Migration'),
        'AWSDataTransfer': ('AWS Data Transfer', 'Networking'),
        'AmazonVPC': ('Amazon Virtual Private Cloud', 'Networking'),
        'AmazonCloudFront': ('Amazon CloudFront', 'Networking'),
        'AmazonRoute53': ('Amazon Route 53', 'Networking'),
        'AmazonApiGateway': ('Amazon API Gateway', 'Networking'),
        'AWSELB': ('Elastic Load Balancing', 'Networking'),
        'AWSDirectConnect': ('AWS Direct Connect', 'Networking'),
        'AWSGlobalAccelerator': ('AWS Global Accelerator', 'Networking'),
        'AmazonRedshift': ('Amazon Redshift', 'Analytics'),
        'AmazonAthena': ('Amazon Athena', 'Analytics'),
        'AWSGlue': ('AWS Glue', 'Analytics'),
        'ElasticMapReduce': ('Amazon Elastic MapReduce', 'Analytics'),
        'AmazonES': ('Amazon OpenSearch Service', 'Analytics'),
        'AmazonKinesis': ('Amazon Kinesis', 'Analytics'),
        'AmazonKinesisFirehose': ('Amazon Kinesis Firehose', 'Analytics'),
        'AmazonMSK': ('Amazon Managed Streaming for Apache Kafka', 'Analytics'),
        'AmazonQuickSight': ('Amazon QuickSight', 'Analytics'),
        'AmazonSageMaker': ('Amazon SageMaker', 'AI and Machine Learning'),
        'AmazonBedrock': ('Amazon Bedrock', 'AI and Machine Learning'),
        'AmazonRekognition': ('Amazon Rekognition', 'AI and Machine Learning'),
        'AmazonTextract': ('Amazon Textract', 'AI and Machine Learning'),
        'MachineLearningSavingsPlans': ('Savings Plans for AWS Machine Learning', 'AI and Machine Learning'),
        'AmazonSNS': ('Amazon Simple Notification Service', 'Integration'),
        'AWSQueueService': ('Amazon Simple Queue Service', 'Integration'),
        'AWSEvents': ('CloudWatch Events', 'Integration'),
        'AmazonStates': ('AWS Step Functions', 'Integration'),
        'AmazonMQ': ('Amazon MQ', 'Integration'),
        'AmazonCognito': ('Amazon Cognito', 'Identity'),
        'AWSDirectoryService': ('AWS Directory Service', 'Identity'),
        'awskms': ('AWS Key Management Service', 'Security'),
        'AWSSecretsManager': ('AWS Secrets Manager', 'Security'),
        'awswaf': ('AWS WAF', 'Security'),
        'AWSShield': ('AWS Shield', 'Security'),
        'AmazonGuardDuty': ('Amazon GuardDuty', 'Security'),
        'AmazonInspectorV2': ('Amazon Inspector', 'Security'),
        'AWSSecurityHub': ('AWS Security Hub', 'Security'),
        'AWSNetworkFirewall': ('AWS Network Firewall', 'Security'),
        'AmazonCloudWatch': ('AmazonCloudWatch', 'Management and Governance'),
        'AWSCloudTrail': ('AWS CloudTrail', 'Management and Governance'),
        'AWSConfig': ('AWS Config', 'Management and Governance'),
        'AWSSystemsManager': ('AWS Systems Manager', 'Management and Governance'),
        'AWSCostExplorer': ('AWS Cost Explorer', 'Management and Governance'),
        'AWSSupportBusiness': ('AWS Support (Business)', 'Other'),
        'AWSSupportEnterprise': ('AWS Support (Enterprise)', 'Other'),
        'AWSDeveloperSupport': ('AWS Support (Developer)', 'Other'),
        'CodeBuild': ('CodeBuild', 'Developer Tools'),
        'AWSCodePipeline': ('AWS CodePipeline', 'Developer Tools'),
        'AWSXRay': ('AWS X-Ray', 'Developer Tools'),
        'AWSAmplify': ('AWS Amplify', 'Web'),
        'AmazonWorkSpaces': ('Amazon WorkSpaces', 'Business Applications'),
        'AmazonConnect': ('Amazon Connect', 'Business Applications'),
        'AmazonSES': ('Amazon Simple Email Service', 'Business Applications'),
        'AWSIoT': ('AWS IoT', 'Internet of Things'),
        'AWSElementalMediaConvert': ('AWS Elemental MediaConvert', 'Media'),
        'AWSElementalMediaLive': ('AWS Elemental MediaLive', 'Media')
    }) }}
{%- endmacro %}

{% macro aws_service_name(product_code) -%}
    case {{ product_code }}
        {%- for code, service in aws_services().items() %}
        when '{{ code }}' then '{{ service[0] }}'
        {%- endfor %}
        else {{ product_code }}
    end
{%- endmacro %}

{#- Machines, their disks and their traffic all come under EC2's code: what a row is, its usage type tells. -#}
{% macro aws_service_category(product_code, usage_type) -%}
    case
        when {{ product_code }} = 'AmazonEC2' and {{ usage_type }} like '%EBS:%' then 'Storage'
        when {{ product_code }} = 'AmazonEC2' and {{ usage_type }} like '%-Bytes%' then 'Networking'
        {%- for category in aws_services().values() | map(attribute=1) | unique | sort if category != 'Other' %}
        when {{ product_code }} in (
            {%- for code, service in aws_services().items() if service[1] == category -%}
            '{{ code }}'{{ ', ' if not loop.last }}
            {%- endfor -%}
        ) then '{{ category }}'
        {%- endfor %}
        else 'Other'
    end
{%- endmacro %}
